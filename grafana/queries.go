package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// groupLabels has the labels of a group: one branch in one environment of one project.
var groupLabels = []string{"project", "environment", "branch"}

// view is what a part of a dashboard shows: the matchers that choose its series, the labels that differ between the
// lines of its graphs, and the names of these lines.
type view struct {
	scope    string // matchers of projects and environments
	branches string // matchers of branches
	by       []string
	legend   string
	project  string   // how a link in a table names the project
	hidden   []string // group labels that are the same in every row of a table
	weeks    int      // how many weeks ago
	end      bool     // at the end of the time range, at every step of a graph
}

// Default branches are those in front. All others are feature branches, which the reader may narrow down.
const (
	defaultBranches = `branch=~"$default_branch"`
	featureBranches = `branch=~"$branch",branch!~"$default_branch"`
)

var everyProject = view{
	scope:    `cluster=~"$cluster",team=~"$team"`,
	branches: defaultBranches,
	by:       []string{"project"},
	legend:   "{{project}}",
	project:  "${__data.fields.project}",
}

var everyEnvironment = view{
	scope:    `cluster=~"$cluster",project=~"$project",environment=~"$environment"`,
	branches: defaultBranches,
	by:       []string{"project", "environment"},
	legend:   "{{project}} / {{environment}}",
	project:  "${__data.fields.project}",
}

// oneEnvironment matches its environment by a regular expression, because the environment may be none: see
// environmentVariable.
var oneEnvironment = view{
	scope:    `cluster=~"$cluster",project="$project",environment=~"$environment"`,
	branches: defaultBranches,
	by:       []string{"branch"},
	legend:   "{{branch}}",
	project:  "${project}",
	hidden:   []string{"project", "environment"},
}

// features returns the same view of the feature branches.
func (v view) features() view {
	v.branches = featureBranches
	if v.by[len(v.by)-1] != "branch" {
		v.by = append(append([]string{}, v.by...), "branch")
		v.legend += " / {{branch}}"
	}
	return v
}

// weekBefore returns the same view, a week ago.
func (v view) weekBefore() view { return v.weeksBefore(1) }

func (v view) weeksBefore(weeks int) view {
	v.weeks = weeks
	return v
}

// series selects a metric's series.
func (v view) series(metric string, matchers ...string) string {
	selector := metric + "{" + strings.Join(append([]string{v.scope, v.branches}, matchers...), ",") + "}"
	if v.weeks > 0 {
		selector += " offset " + strconv.Itoa(v.weeks) + "w"
	}
	if v.end {
		selector += " @ end()"
	}
	return selector
}

// recent selects the series of the chosen window.
func (v view) recent(metric string, matchers ...string) string {
	return v.series(metric, append(matchers, `window="$window"`)...)
}

// increase returns how much a counter of a group grew over the range.
func (v view) increase(counter, span string) string {
	return "increase(" + v.series(counter) + "[" + span + "])"
}

// most is how many lines a graph has at most that has a line for each branch or project.
const most = 10

// highest keeps the lines that are highest at the end of the time range. topk alone chooses anew at each step, and so
// draws many more.
func (v view) highest(expr func(view) string) string { return v.atEnd("topk", expr) }

// lowest keeps the lines that are lowest at the end of the time range.
func (v view) lowest(expr func(view) string) string { return v.atEnd("bottomk", expr) }

func (v view) atEnd(choose string, expr func(view) string) string {
	end := v
	end.end = true
	return chosen(choose, expr(v), expr(end))
}

// chosen keeps ten lines: those that topk or bottomk chooses at the end of the time range.
func chosen(choose, expr, atEnd string) string {
	return "(" + expr + ") and " + choose + "(" + strconv.Itoa(most) + ", " + atEnd + ")"
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

const completedOutcome = `outcome=~"passed|failed|error"`

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
	return newest(groupLabels, perGroup(created+" * on (cluster, job, instance, project, branch, environment) group_left (run_id, outcome, error_code, build_branch, commit) "+info,
		"run_id", "outcome", "error_code", "build_branch", "commit"))
}

// oldestActiveRun returns the oldest run in each active state of each group: its labels name it, its value is when it was
// created.
func (v view) oldestActiveRun() string {
	created := v.series("empirical_oldest_active_run_created_timestamp_seconds")
	info := v.series("empirical_oldest_active_run_info")
	by := append(append([]string{}, groupLabels...), "state")
	return newest(by, perGroup(created+" * on (cluster, job, instance, project, branch, environment, state) group_left (run_id) "+info, "state", "run_id"))
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
