package apitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"
)

// maxAnalyticsDays is the longest range of the analytics.
const maxAnalyticsDays = 90

const day = 24 * time.Hour

// analyticsQuery holds the parameters that both analytics endpoints have. The
// range is of creation times.
type analyticsQuery struct {
	from, to    time.Time // the first moment in the range, and the first after it
	environment int64     // 0 is any
}

// parseAnalyticsQuery reads `days`, or `start_date` and `end_date`, which are both
// in the range, and `environment_id`. Days begin in UTC. None of this is said by
// the reference page, nor that seven days are the default. now is the end of the
// range of `days`.
func parseAnalyticsQuery(values url.Values, now time.Time) (analyticsQuery, error) {
	days := int64(7)
	q := analyticsQuery{}
	err := parseNumbers(values, number{"days", &days, maxAnalyticsDays}, number{"environment_id", &q.environment, math.MaxInt64})
	if err != nil {
		return q, err
	}
	q.from, q.to = now.Add(-time.Duration(days)*day), now
	if values.Has("start_date") != values.Has("end_date") {
		return q, errors.New("start_date and end_date must be given together")
	}
	if !values.Has("start_date") {
		return q, nil
	}
	if q.from, err = parseDate(values.Get("start_date")); err != nil {
		return q, fmt.Errorf("start_date %w", err)
	}
	last, err := parseDate(values.Get("end_date"))
	if err != nil {
		return q, fmt.Errorf("end_date %w", err)
	}
	q.to = last.Add(day)
	if q.from.After(last) || q.to.Sub(q.from) > maxAnalyticsDays*day {
		return q, fmt.Errorf("start_date and end_date must be 1 to %d days", maxAnalyticsDays)
	}
	return q, nil
}

// parseDate reads an ISO 8601 date, or a time of that day.
func parseDate(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(day), nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a date as 2026-03-01, not %q", text)
}

// chosen returns the runs that were created in the range. The caller holds the lock.
func (p *Project) chosen(q analyticsQuery) list {
	var environments []int64
	if q.environment != 0 {
		environments = []int64{q.environment}
	}
	var chosen list
	for _, c := range p.index.all.since(q.from.UnixMilli() - 1) {
		if c.created < q.to.UnixMilli() && p.matchesGroup(c, query{environments: environments}) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// percent returns part of whole in whole percents.
func percent(part, whole int) int {
	return int(math.Round(100 * float64(part) / float64(max(whole, 1))))
}

// dataAnswer is an answer with `data`.
func dataAnswer(data any) *answer {
	body, err := json.Marshal(map[string]any{"data": data})
	if err != nil {
		panic(err) // strings and numbers always have a JSON form
	}
	return newAnswer(http.StatusOK, "application/json", body)
}
