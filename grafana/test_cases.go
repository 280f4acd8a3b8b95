package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// testCaseLabels name a test. Tests have no branch and no environment: the API counts them for a project as a whole.
var testCaseLabels = []string{"project", "test_case_id", "test_name", "file_path", "playwright_project"}

func flakiestTests(v view) *table.PanelBuilder {
	return rankedTests(v, "Flakiest tests", "flaky", flakyColour, "Share of executions that passed only when tried again, ")
}

func mostFailingTests(v view) *table.PanelBuilder {
	return rankedTests(v, "Most failing tests", "failed", failedColour, "Share of executions that failed, ")
}

// rankedTests has a row for each of the tests where an outcome has the highest share.
func rankedTests(v view, title, outcome, colour, share string) *table.PanelBuilder {
	columns := []column{
		{field: "test_name", title: "Test", overrides: overrides(linked(toTest(v)))},
		{field: "Value #A", title: "Share", width: 70, overrides: overrides(unit(units.PercentUnit), decimals(1), coloured(plain(colour)), asColouredText())},
		{field: "Value #B", title: "Runs", width: 60, overrides: overrides(unit(units.Short), decimals(0))},
		{field: "Value #C", title: "Last run", width: 135, overrides: overrides(unit(units.DateTimeFromNow))},
		{field: "file_path", title: "File"},
		{field: "playwright_project", title: "Browser", width: 85},
		{field: "project", title: "Project", width: 125},
	}
	runs := func(matchers ...string) string {
		return perTest("sum", testSeries("empirical_test_case_runs", matchers...))
	}
	top := "topk(10, " + runs(`outcome="`+outcome+`"`) + " / (" + runs() + " > 0) > 0)" // a share is the same of any number of replicas
	all := perTest("sum", perTest("max", testSeries("empirical_test_case_runs"), "outcome"))
	return newTable(title, share+"over all branches, in the window of --tests.window; the ten highest. The name of a test leads to its page in the newest completed run of a default branch. "+
		"From empirical_test_case_runs, empirical_test_case_last_run_timestamp_seconds and the empirical_last_completed_run metrics.", 24, graphHeight, columns, "test_case_id", "run_id").
		WithTarget(asRows("A", "sort_desc("+v.withNewestRun(top)+")")).
		WithTarget(asRows("B", all+" and "+top)).
		WithTarget(asRows("C", "1000 * "+perTest("max", testSeries("empirical_test_case_last_run_timestamp_seconds"))+" and "+top)).
		NoValue("No such test")
}

// testScope chooses the series of tests.
const testScope = `cluster=~"$cluster",project=~"$project"`

func testSeries(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{testScope}, matchers...), ",") + "}"
}

// perTest returns one series for each test.
func perTest(add, series string, further ...string) string {
	return add + " by (" + strings.Join(append(append([]string{}, testCaseLabels...), further...), ", ") + ") (" + series + ")"
}

// withNewestRun adds the number of the newest completed run of the project, where there is one.
func (v view) withNewestRun(tests string) string {
	run := "topk by (project) (1, " + v.completedRun() + ")"
	return "(" + tests + ") * on (project) group_left (run_id) (" + run + " > bool 0) or on (" + strings.Join(testCaseLabels, ", ") + ") (" + tests + ")"
}
