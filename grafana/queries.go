package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// groupLabels name a group: one branch in one environment of one project.
var groupLabels = []string{"project", "environment", "branch"}

// view is what a dashboard looks at: the matchers that choose its series, the labels that tell the lines of its graphs
// apart, and how those lines are called.
type view struct {
	matchers string
	by       []string
	legend   string
	beside   common.LegendPlacement // where the legend stands: few environments below, many branches to the right
	project  string                 // how a link in a table names the project
	hidden   []string               // group labels that are the same in every row of a table
	offset   string
}

var everyEnvironment = view{
	matchers: `project=~"$project",environment=~"$environment",branch=~"$branch"`,
	by:       []string{"project", "environment"},
	legend:   "{{project}} / {{environment}}",
	beside:   common.LegendPlacementBottom,
	project:  "${__data.fields.project}",
}

var oneEnvironment = view{
	matchers: `project="$project",environment="$environment",branch=~"$branch"`,
	by:       []string{"branch"},
	legend:   "{{branch}}",
	beside:   common.LegendPlacementRight,
	project:  "${project}",
	hidden:   []string{"project", "environment"},
}

// weekBefore is the same view, a week ago.
func (v view) weekBefore() view {
	v.offset = " offset 1w"
	return v
}

// series selects a metric's series.
func (v view) series(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{v.matchers}, matchers...), ",") + "}" + v.offset
}

// recent selects the series of the chosen window.
func (v view) recent(metric string, matchers ...string) string {
	return v.series(metric, append(matchers, `window="$window"`)...)
}

// increase is how much a counter of a group grew over the range.
func (v view) increase(counter, span string) string {
	return "increase(" + v.series(counter) + "[" + span + "])"
}

// perGroup is one series for each group. Two replicas of the exporter, or two jobs that scrape one, report the same
// runs; max takes one of them where a sum would count twice.
func perGroup(expr string, further ...string) string {
	return "max by (" + strings.Join(append(append([]string{}, groupLabels...), further...), ", ") + ") (" + expr + ")"
}

// sum adds groups up. Without labels it is a single figure.
func sum(by []string, expr string) string {
	if len(by) == 0 {
		return "sum(" + expr + ")"
	}
	return "sum by (" + strings.Join(by, ", ") + ") (" + expr + ")"
}

// total is the sum over the groups of a gauge of the chosen window.
func (v view) total(metric string, by ...string) string {
	return sum(by, perGroup(v.recent(metric)))
}

// runFailureRatio is failed and errored runs over completed ones, nothing where none completed.
func (v view) runFailureRatio(by ...string) string {
	runs := func(outcomes string) string {
		return sum(by, perGroup(v.recent("empirical_recent_runs", `outcome=~"`+outcomes+`"`), "outcome"))
	}
	return runs("failed|error") + " / (" + runs("passed|failed|error") + " > 0)"
}

// testFailureRatio is failed tests, without those that somebody snoozed, over tests that ran.
func (v view) testFailureRatio(by ...string) string {
	failed := v.total("empirical_recent_failed_tests", by...) + " - " + v.total("empirical_recent_snoozed_failed_tests", by...)
	return "(" + failed + ") / " + v.testsThatRan(by...)
}

// flakyRatio is tests that passed only when tried again, over tests that ran.
func (v view) flakyRatio(by ...string) string {
	return v.total("empirical_recent_flaky_tests", by...) + " / " + v.testsThatRan(by...)
}

func (v view) testsThatRan(by ...string) string {
	return "(" + v.total("empirical_recent_tests", by...) + " - " + v.total("empirical_recent_skipped_tests", by...) + " > 0)"
}

// completedRun is the newest completed run of each group: its labels name it, its value is when it was created. Where
// replicas disagree for a moment, the newer run is taken.
func (v view) completedRun(matchers ...string) string {
	created := v.series("empirical_last_completed_run_created_timestamp_seconds")
	info := v.series("empirical_last_completed_run_info", matchers...)
	return newest(groupLabels, perGroup(created+" * on (job, instance, project, branch, environment) group_left (run_id, outcome, error_code, build_branch, commit) "+info,
		"run_id", "outcome", "error_code", "build_branch", "commit"))
}

// oldestActiveRun is the oldest run in each active state of each group: its labels name it, its value is when it was
// created.
func (v view) oldestActiveRun() string {
	created := v.series("empirical_oldest_active_run_created_timestamp_seconds")
	info := v.series("empirical_oldest_active_run_info")
	by := append(append([]string{}, groupLabels...), "state")
	return newest(by, perGroup(created+" * on (job, instance, project, branch, environment, state) group_left (run_id) "+info, "state", "run_id"))
}

func newest(by []string, expr string) string {
	return "topk by (" + strings.Join(by, ", ") + ") (1, " + expr + ")"
}
