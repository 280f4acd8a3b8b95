package apitest

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// query holds the parameters of a request. The zero value of a field is no filter.
type query struct {
	id           int64
	page         int64
	perPage      int64
	days         int64
	branch       *string
	state        *string
	result       string
	environments []int64

	oldestFirst bool // set by the fault [Reversed] only
}

// parseQuery reads the documented parameters and ignores others: the reference
// page does not say that they are refused. Its error is sent to the client.
func parseQuery(values url.Values) (query, error) {
	q := query{page: 1, perPage: 20}
	if err := parseNumbers(values,
		number{"id", &q.id, math.MaxInt64},
		number{"page", &q.page, math.MaxInt64},
		number{"per_page", &q.perPage, 100},
		number{"interval_in_days", &q.days, math.MaxInt64},
	); err != nil {
		return q, err
	}
	if values.Has("branch") {
		q.branch = new(values.Get("branch"))
	}
	if values.Has("state") {
		q.state = new(values.Get("state"))
	}
	if values.Has("result") {
		q.result = values.Get("result")
		if q.result != "passed" && q.result != "failed" {
			return q, fmt.Errorf("result must be passed or failed, not %q", q.result)
		}
	}
	if values.Has("environment_ids") {
		for _, id := range strings.Split(values.Get("environment_ids"), ",") {
			n, err := parsePositive(strings.TrimSpace(id), math.MaxInt64)
			if err != nil {
				return q, fmt.Errorf("each of environment_ids %w", err)
			}
			q.environments = append(q.environments, n)
		}
	}
	return q, nil
}

// number is a parameter that is a positive whole number.
type number struct {
	name string
	to   *int64
	max  int64
}

// parseNumbers reads those of the parameters that are there.
func parseNumbers(values url.Values, numbers ...number) error {
	for _, p := range numbers {
		if !values.Has(p.name) {
			continue
		}
		n, err := parsePositive(values.Get(p.name), p.max)
		if err != nil {
			return fmt.Errorf("%s %w", p.name, err)
		}
		*p.to = n
	}
	return nil
}

func parsePositive(s string, limit int64) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("must be a whole number, not %q", s)
	case n < 1:
		return 0, fmt.Errorf("must be at least 1, not %d", n)
	case n > limit:
		return 0, fmt.Errorf("must be at most %d, not %d", limit, n)
	}
	return n, nil
}
