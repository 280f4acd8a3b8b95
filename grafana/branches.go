package main

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const noLabel = "(none)"

// branchTable has a row for each branch in each environment: the results of its last runs, and links to them.
func branchTable(v view, title string) *table.PanelBuilder {
	panel := newTable(title, branchTableDescription, 24, 11,
		append(v.groupColumns(), verdictColumns(v)...), "Value #H", "error_code", "build_branch", "commit")
	return withVerdictQueries(panel, v)
}

// environmentBranchTable is the same for one environment, with the commit of the last run.
func environmentBranchTable(v view, title string, height uint32) *table.PanelBuilder {
	columns := append(append(v.groupColumns(), verdictColumns(v)...),
		column{field: "build_branch", title: "Build branch"},
		column{field: "commit", title: "Commit", width: 80, overrides: overrides(shortCommit())})
	panel := newTable(title, branchTableDescription, 24, height, columns, append(v.hidden, "Value #H", "error_code")...)
	return withVerdictQueries(panel, v)
}

// groupColumns returns the columns that name the group of a row.
func (v view) groupColumns() []column {
	var columns []column
	for _, one := range []column{
		{field: "project", title: "Project", width: 125, overrides: overrides(emptyAs(noLabel))},
		{field: "environment", title: "Environment", width: 120, overrides: overrides(emptyAs(noLabel), linked(toEnvironment()))},
		{field: "branch", title: "Branch", overrides: overrides(emptyAs(noLabel))},
	} {
		if !slices.Contains(v.hidden, one.field) {
			columns = append(columns, one)
		}
	}
	return columns
}

const branchTableDescription = "One row for each branch in each environment. Outcome (of a run that broke, its error code), " +
	"failed and flaky tests and duration: of the newest completed run, which its number links to. Failed: without snoozed failures. " +
	"Waited: from the creation of that run to its start. Streak: completed runs in a row that did not pass; branches with one and a run in the chosen window come first. " +
	"Not more than 100 rows. Branches counted together as \"other\" have no last run and no row. " +
	"From empirical_last_run_created_timestamp_seconds, the empirical_last_completed_run metrics, empirical_last_passed_run_created_timestamp_seconds, empirical_failing_streak_runs and empirical_recent_runs."

func verdictColumns(v view) []column {
	return []column{
		{field: "outcome", title: "Outcome", width: 150, overrides: overrides(verdicts(), asColouredCell(), whenAbsent("none yet"))},
		{field: "Value #C", title: "Streak", width: 65, overrides: overrides(coloured(streakLevels()), asColouredText(), decimals(0))},
		{field: "Value #D", title: "Last pass", width: 135, overrides: overrides(unit(units.DateTimeFromNow), whenAbsent("none known"))},
		{field: "Value #A", title: "Last run", width: 135, overrides: overrides(unit(units.DateTimeFromNow))},
		{field: "Value #E", title: "Failed", width: 60, overrides: overrides(coloured(anyIsBad()), asColouredText(), decimals(0))},
		{field: "Value #F", title: "Flaky", width: 55, overrides: overrides(coloured(plainAboveZero(flakyColour)), asColouredText(), decimals(0))},
		{field: "Value #I", title: "Waited", width: 75, overrides: overrides(unit(units.Seconds), decimals(1))},
		{field: "Value #G", title: "Took", width: 75, overrides: overrides(unit(units.Seconds), decimals(1))},
		{field: "run_id", title: "Run", width: 65, overrides: overrides(linked(toRun(v)))},
	}
}

func withVerdictQueries(panel *table.PanelBuilder, v view) *table.PanelBuilder {
	rows := "topk(100, " + v.attention() + ")"
	only := func(expr string) string {
		return "(" + expr + ") and on (" + strings.Join(groupLabels, ", ") + ") " + rows
	}
	completed := func(name string) string { return v.series("empirical_last_completed_run_" + name) }
	return panel.
		WithTarget(asRows("H", "sort_desc("+rows+")")).
		WithTarget(asRows("A", only(verdict("1000 * "+v.completedRun())))).
		WithTarget(asRows("C", only(perGroup(v.series("empirical_failing_streak_runs"))))).
		WithTarget(asRows("D", only("1000 * "+perGroup(v.series("empirical_last_passed_run_created_timestamp_seconds"))))).
		WithTarget(asRows("E", only(perGroup(completed("failed_tests")+" - "+completed("snoozed_failed_tests"))))).
		WithTarget(asRows("F", only(perGroup(completed("flaky_tests"))))).
		WithTarget(asRows("G", only(perGroup(completed("duration_seconds"))))).
		WithTarget(asRows("I", only(perGroup(completed("queued_seconds"))))).
		NoValue("No run in the lookback")
}

// attention sorts the rows. Grafana takes their order from the first query of a table. First come the groups that are
// broken now (with a completed run in the window), the longest streak on top. Then come the others, the newest run on
// top. So a closed branch that ended with failures is sorted by its age.
func (v view) attention() string {
	created := perGroup(v.series("empirical_last_run_created_timestamp_seconds"))
	streak := perGroup(v.series("empirical_failing_streak_runs"))
	const moreThanAnyTimestamp = "1e11"
	return created + " + " + moreThanAnyTimestamp + " * " + streak + " * (" + v.completedInWindow() + " > bool 0)"
}

// completedInWindow counts the completed runs of each group in the chosen window.
func (v view) completedInWindow() string {
	return sum(groupLabels, perGroup(v.recent("empirical_recent_runs", completedOutcome), "outcome"))
}

// verdict replaces the outcome of a run that broke by its error code, so that both need one column.
func verdict(runs string) string {
	return `label_replace(` + runs + `, "outcome", "$1", "error_code", "(.+)")`
}

// verdicts colours outcomes and error codes. An undocumented code is an error too.
func verdicts() dashboard.DynamicConfigValue {
	results := map[string]dashboard.ValueMappingResult{"unknown": {Text: cog.ToPtr("error"), Color: cog.ToPtr(errorColour)}}
	for outcome, colour := range outcomeColours {
		results[outcome] = dashboard.ValueMappingResult{Text: cog.ToPtr(outcome), Color: cog.ToPtr(colour)}
	}
	code := dashboard.ValueMapping{RegexMap: &dashboard.RegexMap{
		Type: dashboard.MappingTypeRegexToText,
		Options: dashboard.DashboardRegexMapOptions{
			Pattern: "^([a-z].*)$",
			Result:  dashboard.ValueMappingResult{Text: cog.ToPtr("$1"), Color: cog.ToPtr(errorColour)},
		},
	}}
	return mappings(valueMap(results), code)
}

// shortCommit shows the first 8 digits of a commit.
func shortCommit() dashboard.DynamicConfigValue {
	return mappings(dashboard.ValueMapping{RegexMap: &dashboard.RegexMap{
		Type: dashboard.MappingTypeRegexToText,
		Options: dashboard.DashboardRegexMapOptions{
			Pattern: "^([0-9a-f]{8})[0-9a-f]*$",
			Result:  dashboard.ValueMappingResult{Text: cog.ToPtr("$1")},
		},
	}})
}

func streakLevels() *dashboard.ThresholdsConfigBuilder {
	one, warning := 1.0, float64(streakWarning)
	return absolute([]dashboard.Threshold{
		{Color: fineColour}, {Value: &one, Color: warningColour}, {Value: &warning, Color: criticalColour},
	})
}

// filledAboveZero fills the cell of a count above 0.
func filledAboveZero(colour string) *dashboard.ThresholdsConfigBuilder {
	one := 1.0
	return absolute([]dashboard.Threshold{{Color: "transparent"}, {Value: &one, Color: colour}})
}

// plainAboveZero colours a count above 0.
func plainAboveZero(colour string) *dashboard.ThresholdsConfigBuilder {
	one := 1.0
	return absolute([]dashboard.Threshold{{Color: neutralColour}, {Value: &one, Color: colour}})
}
