package apitest

import (
	"net/url"
	"time"
)

// dailyRuns is one day of the answer, in the form of the reference page. Runs
// counts all runs of the day, whatever their state. This API knows no re-runs.
type dailyRuns struct {
	Date              string `json:"date"`
	Runs              int    `json:"run_count"`
	Passed            int    `json:"passed_runs"`
	Failed            int    `json:"failed_runs"`
	Errored           int    `json:"error_runs"`
	Cancelled         int    `json:"cancelled_runs"`
	Reruns            int    `json:"rerun_count"`
	Tests             int    `json:"total_tests"`
	PassedTests       int    `json:"passed_tests"` // without the flaky ones, as beside a test
	FailedTests       int    `json:"failed_tests"`
	FailedAfterSnooze int    `json:"failed_tests_after_snooze"`
	FlakyTests        int    `json:"flaky_tests"`
}

// dailyRuns answers a request for the sums over the runs of each day, days without
// runs included. `days` ends with today. An error is about the query.
func (p *Project) dailyRuns(values url.Values, now time.Time) (*answer, error) {
	today := now.UTC().Truncate(day)
	q, err := parseAnalyticsQuery(values, today.Add(day))
	if err != nil {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	days := make([]dailyRuns, q.to.Sub(q.from)/day)
	for i := range days {
		days[i].Date = q.from.Add(time.Duration(i) * day).Format(time.DateOnly)
	}
	branch := query{}
	if values.Has("branch") {
		branch.branch = new(values.Get("branch"))
	}
	for _, c := range p.chosen(q) {
		if p.matchesGroup(c, branch) {
			days[time.UnixMilli(c.created).Sub(q.from)/day].add(c, p.texts.text(c.state))
		}
	}
	return dataAnswer(map[string]any{"daily": days, "summary": summarize(days)}), nil
}

func (d *dailyRuns) add(c *record, state string) {
	d.Runs++
	switch {
	case state == "error":
		d.Errored++
	case state == "cancelled":
		d.Cancelled++
	case state != ended:
	case c.failed:
		d.Failed++
	default:
		d.Passed++
	}
	if state != ended {
		return
	}
	f := c.fate()
	d.Tests += f.executed
	d.PassedTests += f.executed - f.failed.length - f.flaky.length
	d.FailedTests += f.failed.length
	d.FlakyTests += f.flaky.length
	afterSnooze := f.failed.length
	if c.known&(1<<afterSnoozeNumber) != 0 {
		afterSnooze = within(c.numbers[afterSnoozeNumber], f.failed.length)
	}
	d.FailedAfterSnooze += afterSnooze
}

func summarize(days []dailyRuns) map[string]int {
	var sum dailyRuns
	for _, d := range days {
		sum.Runs += d.Runs
		sum.Passed += d.Passed
		sum.Failed += d.Failed
		sum.Errored += d.Errored
		sum.Tests += d.Tests
	}
	return map[string]int{
		"total_runs": sum.Runs, "passed_runs": sum.Passed, "failed_runs": sum.Failed, "error_runs": sum.Errored,
		"pass_rate":         percent(sum.Passed, sum.Passed+sum.Failed+sum.Errored),
		"avg_tests_per_run": sum.Tests / max(sum.Passed+sum.Failed, 1),
		"rerun_count":       0, "rerun_rate": 0,
	}
}
