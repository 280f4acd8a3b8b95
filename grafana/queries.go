package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// groupLabels has the labels of a group: one branch in one environment of one project.
var groupLabels = []string{"project", "environment", "branch"}

// view is what a dashboard shows: the matchers that choose its series, the labels that differ between the lines of its
// graphs, and the names of these lines.
type view struct {
	matchers        string
	by              []string
	legend          string
	legendPlacement common.LegendPlacement // below for few environments, to the right for many branches
	project         string                 // how a link in a table names the project
	hidden          []string               // group labels that are the same in every row of a table
	offset          string
}

var everyEnvironment = view{
	matchers:        `project=~"$project",environment=~"$environment",branch=~"$branch"`,
	by:              []string{"project", "environment"},
	legend:          "{{project}} / {{environment}}",
	legendPlacement: common.LegendPlacementBottom,
	project:         "${__data.fields.project}",
}

var oneEnvironment = view{
	matchers:        `project="$project",environment="$environment",branch=~"$branch"`,
	by:              []string{"branch"},
	legend:          "{{branch}}",
	legendPlacement: common.LegendPlacementRight,
	project:         "${project}",
	hidden:          []string{"project", "environment"},
}

// weekBefore returns the same view, a week ago.
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

// increase returns how much a counter of a group grew over the range.
func (v view) increase(counter, span string) string {
	return "increase(" + v.series(counter) + "[" + span + "])"
}

// perGroup returns one series for each group. Two replicas of the exporter, or two jobs that scrape one, report the same
// runs. max takes one of them; a sum would count twice.
func perGroup(expr string, further ...string) string {
	return "max by (" + strings.Join(append(append([]string{}, groupLabels...), further...), ", ") + ") (" + expr + ")"
}

// sum adds up groups. Without labels it gives a single figure.
func sum(by []string, expr string) string {
	if len(by) == 0 {
		return "sum(" + expr + ")"
	}
	return "sum by (" + strings.Join(by, ", ") + ") (" + expr + ")"
}

// total returns the sum over all groups of a gauge of the chosen window.
func (v view) total(metric string, by ...string) string {
	return sum(by, perGroup(v.recent(metric)))
}

// runFailureRatio returns (failed + errored) / completed runs. It has no result where no run completed.
func (v view) runFailureRatio(by ...string) string {
	runs := func(outcomes string) string {
		return sum(by, perGroup(v.recent("empirical_recent_runs", `outcome=~"`+outcomes+`"`), "outcome"))
	}
	return runs("failed|error") + " / (" + runs("passed|failed|error") + " > 0)"
}

// testFailureRatio returns failed tests that are not snoozed / executed tests.
func (v view) testFailureRatio(by ...string) string {
	failed := v.total("empirical_recent_failed_tests", by...) + " - " + v.total("empirical_recent_snoozed_failed_tests", by...)
	return "(" + failed + ") / " + v.executedTests(by...)
}

// flakyRatio returns the flaky share: flaky / executed tests.
func (v view) flakyRatio(by ...string) string {
	return v.total("empirical_recent_flaky_tests", by...) + " / " + v.executedTests(by...)
}

// executedTests returns passed + failed tests. No total is needed: the API may or may not count skipped tests in it.
func (v view) executedTests(by ...string) string {
	return "(" + v.total("empirical_recent_passed_tests", by...) + " + " + v.total("empirical_recent_failed_tests", by...) + " > 0)"
}

// completedRun returns the newest completed run of each group: its labels name it, its value is when it was created. If
// replicas differ for a moment, it takes the newer run.
func (v view) completedRun(matchers ...string) string {
	created := v.series("empirical_last_completed_run_created_timestamp_seconds")
	info := v.series("empirical_last_completed_run_info", matchers...)
	return newest(groupLabels, perGroup(created+" * on (job, instance, project, branch, environment) group_left (run_id, outcome, error_code, build_branch, commit) "+info,
		"run_id", "outcome", "error_code", "build_branch", "commit"))
}

// oldestActiveRun returns the oldest run in each active state of each group: its labels name it, its value is when it was
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

// overTime is a query for a graph.
func overTime(refID, legend, expr string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(refID).Datasource(datasource()).Range().LegendFormat(legend).Expr(expr)
}

// atEnd is a query for single figures, at the end of the chosen time range.
func atEnd(refID, legend, expr string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(refID).Datasource(datasource()).Instant().LegendFormat(legend).Expr(expr)
}

// asRows is a query for the rows of a table, with a column for each label.
func asRows(refID, expr string) *prometheus.DataqueryBuilder {
	return atEnd(refID, "", expr).Format(prometheus.PromQueryFormatTable)
}
