package collector_test

import (
	"slices"
	"strconv"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// nowAndRecently adds the gauges of the section "Now, and recently".
func (n naive) nowAndRecently(out exposition, p pair, runs []apitest.Run) {
	for _, state := range append([]string{"unknown"}, sevenStates...) {
		in := where(runs, func(r apitest.Run) bool { return stateOf(r) == state })
		if state != "unknown" || len(in) > 0 {
			out.set(float64(len(in)), "empirical_runs", n.labels(p, "state", state))
		}
	}
	for _, state := range activeStates {
		in := where(runs, func(r apitest.Run) bool { return r.State == state })
		if len(in) == 0 {
			continue
		}
		oldest := slices.MaxFunc(in, func(a, b apitest.Run) int {
			if newer(a, b) {
				return -1
			}
			return 1
		})
		out.set(seconds(oldest.CreatedAt), "empirical_oldest_active_run_created_timestamp_seconds", n.labels(p, "state", state))
		out.set(1, "empirical_oldest_active_run_info", n.labels(p, "state", state, "run_id", strconv.FormatInt(oldest.ID, 10)))
	}
	for _, w := range n.config.Windows {
		recent := where(runs, func(r apitest.Run) bool { return n.within(r, w.Length) })
		n.window(out, p, w.Name, recent)
	}
}

func (n naive) window(out exposition, p pair, window string, runs []apitest.Run) {
	for _, outcome := range []string{"passed", "failed", "error", "cancelled"} {
		with := where(runs, func(r apitest.Run) bool { return outcomeOf(r) == outcome })
		out.set(float64(len(with)), "empirical_recent_runs", n.labels(p, "window", window, "outcome", outcome))
	}
	ended := where(runs, func(r apitest.Run) bool { return r.State == "ended" })
	sums := map[string]func(apitest.Run) int64{
		"empirical_recent_tests":                testsIn,
		"empirical_recent_passed_tests":         func(r apitest.Run) int64 { return number(r.SuccessCount) },
		"empirical_recent_failed_tests":         func(r apitest.Run) int64 { return number(r.FailedCount) },
		"empirical_recent_flaky_tests":          func(r apitest.Run) int64 { return number(r.FlakyCount) },
		"empirical_recent_skipped_tests":        func(r apitest.Run) int64 { return number(r.SkippedCount) },
		"empirical_recent_snoozed_failed_tests": n.snoozed,
	}
	for name, of := range sums {
		var sum int64
		for _, r := range ended {
			sum += of(r)
		}
		out.set(float64(sum), name, n.labels(p, "window", window))
	}
	flaky := where(ended, func(r apitest.Run) bool { return number(r.FlakyCount) >= 1 })
	out.set(float64(len(flaky)), "empirical_recent_flaky_runs", n.labels(p, "window", window))
	n.durations(out, p, window, ended)
	n.errors(out, p, window, runs)
}

// testsIn is total_count, and where that is missing success + failed + skipped.
func testsIn(r apitest.Run) int64 {
	if r.TotalCount != nil {
		return *r.TotalCount
	}
	return number(r.SuccessCount) + number(r.FailedCount) + number(r.SkippedCount)
}

func (n naive) durations(out exposition, p pair, window string, ended []apitest.Run) {
	var all []int64 // milliseconds
	var sum int64
	for _, r := range ended {
		if r.Duration != nil {
			all = append(all, *r.Duration)
			sum += *r.Duration
		}
	}
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	set := func(stat string, milliseconds float64) {
		out.set(milliseconds/1000, "empirical_recent_run_duration_seconds", n.labels(p, "window", window, "stat", stat))
	}
	set("mean", float64(sum)/float64(len(all)))
	set("p50", float64(nearestRank(all, 50)))
	set("p90", float64(nearestRank(all, 90)))
	set("max", float64(all[len(all)-1]))
}

// nearestRank is the smallest value that at least so many percent of all do not exceed.
func nearestRank(sorted []int64, percent int) int64 {
	for i, value := range sorted {
		if (i+1)*100 >= percent*len(sorted) {
			return value
		}
	}
	panic("no values")
}

func (n naive) errors(out exposition, p pair, window string, runs []apitest.Run) {
	codes := map[string]int{}
	for _, r := range runs {
		if r.State == "error" {
			codes[n.codeOf(r)]++
		}
	}
	for code, count := range codes {
		out.set(float64(count), "empirical_recent_run_errors", n.labels(p, "window", window, "error_code", code))
	}
}

func (n naive) labels(p pair, more ...string) []string {
	return append([]string{"project", n.project, "branch", p.branch, "environment", p.environment}, more...)
}
