package collector_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// addRun adds a run that is created now.
func (tb *testbed) addRun(id int64, branch, state string) {
	tb.project.Add(apitest.Run{ID: id, State: state, Branch: new(branch), EnvironmentSlug: new("staging"), CreatedAt: tb.clock.Now()})
}

// endRun ends a run of ten tests.
func (tb *testbed) endRun(id, failed int64) {
	tb.project.Update(id, func(r *apitest.Run) {
		r.State, r.Duration = "ended", tb.took(90*time.Second)
		r.TotalCount, r.SuccessCount, r.FailedCount = new(int64(10)), new(10-failed), new(failed)
		r.FlakyCount, r.SkippedCount = new(int64(2)), nil
	})
}

// updateAll changes every run of the tested project.
func (tb *testbed) updateAll(change func(*apitest.Run)) {
	for _, r := range tb.project.Runs() {
		tb.project.Update(r.ID, change)
	}
}

// took is a duration in the unit of the API.
func (tb *testbed) took(d time.Duration) *int64 {
	if tb.seconds {
		return new(int64(d / time.Second))
	}
	return new(d.Milliseconds())
}

// addPast gives every project a past: the tested one several pages of runs.
func (tb *testbed) addPast() {
	for _, s := range tb.sources {
		n := 6
		if s == tb.project {
			n = 150
		}
		s.AddAll(pastRuns(n, tb.clock.Now()))
	}
}

// pastRuns are runs of the last week: most of them passed, a few active.
func pastRuns(n int, now time.Time) []apitest.Run {
	states := []string{"ended", "ended", "ended", "ended", "ended", "ended", "ended", "ended", "ended", "error", "ended", "cancelled"}
	runs := make([]apitest.Run, n)
	for i := range runs {
		runs[i] = apitest.Run{
			State: states[i%len(states)], CreatedAt: now.Add(-time.Duration(n-i) * 65 * time.Minute),
			Branch: new([]string{"main", "feat/a"}[i%2]), EnvironmentSlug: new([]string{"production", "staging", "production"}[i%3]),
			TotalCount: new(int64(40)), SuccessCount: new(int64(40)), FailedCount: new(int64(0)), FlakyCount: new(int64(i % 3)),
			Duration: new(int64(60_000 + 100*i)), Commit: new(fmt.Sprintf("%07x", i)),
		}
		if i%25 == 3 {
			runs[i].FailedCount = new(int64(2))
			runs[i].SuccessCount = new(int64(38))
		}
	}
	runs[n/3].State, runs[n-3].State, runs[n-2].State, runs[n-1].State = "started", "queued", "pending", "started"
	for _, i := range []int{n / 3, n - 3, n - 2, n - 1} {
		runs[i].TotalCount, runs[i].SuccessCount, runs[i].FailedCount, runs[i].Duration = nil, nil, nil, nil
	}
	return runs
}

// live lets time pass and something happen in every project: a run begins and
// an active one ends.
func (tb *testbed) live() {
	tb.clock.advance(time.Minute)
	for _, s := range tb.sources {
		for _, r := range slices.Backward(s.Runs()) {
			if r.State == "started" {
				s.Update(r.ID, endFailed)
				break
			}
		}
		s.Add(apitest.Run{State: "started", Branch: new("main"), EnvironmentSlug: new("production")})
	}
}

func endFailed(r *apitest.Run) {
	r.State, r.TotalCount, r.SuccessCount, r.FailedCount = "ended", new(int64(10)), new(int64(9)), new(int64(1))
	r.Duration = new(int64(90_000))
}
