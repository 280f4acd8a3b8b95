package collector_test

import (
	"strconv"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// lastRun adds the gauges of the section "The last run".
func (n naive) lastRun(out exposition, p pair, runs []apitest.Run) {
	last := newest(runs)
	for _, state := range sevenStates {
		out.set(truth(last.State == state), "empirical_last_run_state", n.labels(p, "state", state))
	}
	if stateOf(*last) == "unknown" {
		out.set(1, "empirical_last_run_state", n.labels(p, "state", "unknown"))
	}
	out.set(seconds(last.CreatedAt), "empirical_last_run_created_timestamp_seconds", n.labels(p))

	passed := newest(where(runs, func(r apitest.Run) bool { return outcomeOf(r) == "passed" }))
	if passed != nil {
		out.set(seconds(passed.CreatedAt), "empirical_last_passed_run_created_timestamp_seconds", n.labels(p))
	}
	finished := where(runs, completed)
	out.set(float64(streak(finished)), "empirical_failing_streak_runs", n.labels(p))
	if len(finished) > 0 {
		n.lastCompleted(out, p, *newest(finished))
	}
}

// streak takes the newest run off until one is met that passed.
func streak(completed []apitest.Run) int {
	for n := 0; ; n++ {
		last := newest(completed)
		if last == nil || outcomeOf(*last) == "passed" {
			return n
		}
		id := last.ID
		completed = where(completed, func(r apitest.Run) bool { return r.ID != id })
	}
}

func (n naive) lastCompleted(out exposition, p pair, r apitest.Run) {
	out.set(1, "empirical_last_completed_run_info", n.labels(p, "run_id", strconv.FormatInt(r.ID, 10), "outcome", outcomeOf(r),
		"error_code", n.codeOf(r), "build_branch", text(r.BuildBranch), "commit", text(r.Commit)))
	set := func(name string, value float64) {
		out.set(value, "empirical_last_completed_run_"+name, n.labels(p))
	}
	set("success", truth(outcomeOf(r) == "passed"))
	set("tests", float64(number(r.TotalCount)))
	set("passed_tests", float64(number(r.SuccessCount)))
	set("failed_tests", float64(number(r.FailedCount)))
	set("flaky_tests", float64(number(r.FlakyCount)))
	set("skipped_tests", float64(number(r.SkippedCount)))
	set("snoozed_failed_tests", float64(n.snoozed(r)))
	if r.Duration != nil {
		set("duration_seconds", float64(*r.Duration)/1000)
	}
	set("created_timestamp_seconds", seconds(r.CreatedAt))
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
