package apitest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// testCasesQuery holds the parameters of a request for the analytics of tests. The
// defaults are assumptions.
type testCasesQuery struct {
	analyticsQuery
	orderBy   string
	ascending bool
	limit     int64
	id        string // empty is any
	tags      []string
	active    *bool
}

func parseTestCasesQuery(values url.Values, now time.Time) (testCasesQuery, error) {
	q := testCasesQuery{orderBy: "last_run", limit: 100, id: values.Get("test_case_id")}
	var err error
	if q.analyticsQuery, err = parseAnalyticsQuery(values, now.Add(time.Millisecond)); err != nil {
		return q, err
	}
	history := int64(0) // no history is documented in the answer
	if err := parseNumbers(values, number{"limit", &q.limit, 500}, number{"limit_history", &history, 100}); err != nil {
		return q, err
	}
	order, active := "desc", ""
	for _, p := range []struct {
		name string
		to   *string
		may  []string
	}{
		{"order_by", &q.orderBy, []string{"fail_rate", "flaky_rate", "last_run"}},
		{"order", &order, []string{"asc", "desc"}},
		{"is_active", &active, []string{"true", "false"}},
	} {
		if !values.Has(p.name) {
			continue
		}
		*p.to = values.Get(p.name)
		if !slices.Contains(p.may, *p.to) {
			return q, fmt.Errorf("%s must be one of %s, not %q", p.name, strings.Join(p.may, ", "), *p.to)
		}
	}
	q.ascending = order == "asc"
	if active != "" {
		q.active = new(active == "true")
	}
	if values.Has("tags") {
		q.tags = strings.Split(values.Get("tags"), ",")
	}
	return q, nil
}

// matches reports whether a test is asked for; with tags, one of them is enough.
func (q testCasesQuery) matches(test Test) bool {
	if q.tags != nil && !slices.ContainsFunc(q.tags, func(tag string) bool { return slices.Contains(test.Tags, tag) }) {
		return false
	}
	return (q.id == "" || q.id == test.ID) && (q.active == nil || *q.active != test.Deleted)
}

// testCase is one test of the answer, in the form of the reference page.
type testCase struct {
	ID          string      `json:"test_case_id"`
	Name        string      `json:"test_name"`
	FilePath    string      `json:"file_path"`
	ProjectName string      `json:"project_name"`
	Tags        []string    `json:"tags"`
	LastRunAt   *string     `json:"last_run_at"`
	Metrics     testMetrics `json:"metrics"`
}

type testMetrics struct {
	Runs      int `json:"total_runs"`
	Passed    int `json:"pass_count"`
	Failed    int `json:"fail_count"`
	Flaky     int `json:"flaky_count"`
	PassRate  int `json:"pass_rate"`
	FailRate  int `json:"fail_rate"`
	FlakyRate int `json:"flaky_rate"`
}

// testCases answers a request for the analytics of tests. An error is about the query.
func (p *Project) testCases(values url.Values, now time.Time) (*answer, error) {
	q, err := parseTestCasesQuery(values, now)
	if err != nil {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	counts := newTally(p.countTests())
	for _, c := range p.chosen(q.analyticsQuery) {
		if c.state == p.endedText {
			counts.add(c)
		}
	}
	counts.sum()
	cases, withHistory := []testCase{}, 0
	for i := range counts.tests() {
		test := p.test(i)
		if !q.matches(test) {
			continue
		}
		if counts.executed[i] > 0 {
			withHistory++
		}
		cases = append(cases, newTestCase(test, counts, i))
	}
	total := len(cases)
	q.sort(cases)
	return dataAnswer(map[string]any{
		"test_cases": cases[:min(q.limit, int64(total))],
		"summary":    map[string]int{"total_test_cases": total, "test_cases_with_history": withHistory},
	}), nil
}

// countTests returns how many tests the runs of the project have. The caller holds
// the lock.
func (p *Project) countTests() int {
	tests := len(p.tests)
	for _, c := range p.index.all {
		if c.state == p.endedText {
			f := c.fate()
			tests = max(tests, f.executed+f.skipped)
		}
	}
	return tests
}

func newTestCase(test Test, counts *tally, i int) testCase {
	runs, failed, flaky := counts.executed[i], counts.failed[i], counts.flaky[i]
	passed := runs - failed - flaky
	c := testCase{
		ID: test.ID, Name: test.Name, FilePath: test.FilePath, ProjectName: test.PlaywrightProject, Tags: test.Tags,
		Metrics: testMetrics{
			Runs: runs, Passed: passed, Failed: failed, Flaky: flaky,
			PassRate: percent(passed, runs), FailRate: percent(failed, runs), FlakyRate: percent(flaky, runs),
		},
	}
	if runs > 0 {
		c.LastRunAt = new(time.UnixMilli(counts.newest[i]).UTC().Format(timeLayout))
	}
	return c
}

func (q testCasesQuery) sort(cases []testCase) {
	share := func(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }
	slices.SortStableFunc(cases, func(a, b testCase) int {
		if !q.ascending {
			a, b = b, a
		}
		switch q.orderBy {
		case "fail_rate":
			return cmp.Compare(share(a.Metrics.Failed, a.Metrics.Runs), share(b.Metrics.Failed, b.Metrics.Runs))
		case "flaky_rate":
			return cmp.Compare(share(a.Metrics.Flaky, a.Metrics.Runs), share(b.Metrics.Flaky, b.Metrics.Runs))
		default:
			return cmp.Compare(orEmpty(a.LastRunAt), orEmpty(b.LastRunAt))
		}
	})
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
