package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const noLabel = "(none)"

// wall is a row for each branch of each environment: how its last runs went, and the way to them.
func wall(v view) *table.PanelBuilder {
	panel := newTable("Every branch in every environment", wallDescription, 24, 11,
		append(v.groupColumns(), verdictColumns(v)...), "Value #H", "Value #B", "error_code", "build_branch", "commit")
	return withVerdict(panel, v)
}

// branchWall is the wall of one environment, with what was tested.
func branchWall(v view) *table.PanelBuilder {
	columns := append(append(v.groupColumns(), verdictColumns(v)...),
		column{field: "build_branch", title: "Build branch"},
		column{field: "commit", title: "Commit", width: 80, looks: look(shortCommit())})
	panel := newTable("Every branch in $environment", wallDescription, 24, 8, columns, append(v.hidden, "Value #H", "Value #B", "error_code")...)
	return withVerdict(panel, v)
}

// groupColumns name the group that a row is about.
func (v view) groupColumns() []column {
	var columns []column
	for _, one := range []column{
		{field: "project", title: "Project", width: 90, looks: look(emptyAs(noLabel))},
		{field: "environment", title: "Environment", width: 105, looks: look(emptyAs(noLabel), linked(toEnvironment()))},
		{field: "branch", title: "Branch", looks: look(emptyAs(noLabel))},
	} {
		if !slices.Contains(v.hidden, one.field) {
			columns = append(columns, one)
		}
	}
	return columns
}

const wallDescription = "One row for each branch in each environment. Newest run: the state of the newest run, whatever it is. Outcome (of a run that broke, its error code), " +
	"failed and flaky tests and duration: of the newest completed run, which its number links to. Failed: without snoozed failures. " +
	"Streak: completed runs in a row that did not pass; branches with one and a run in the chosen window come first. Branches counted together as \"other\" have no last run and no row. " +
	"From empirical_last_run_state, the empirical_last_completed_run metrics, empirical_last_passed_run_created_timestamp_seconds, empirical_failing_streak_runs and empirical_recent_runs."

func verdictColumns(v view) []column {
	return []column{
		{field: "state", title: "Newest run", width: 90, looks: look(named(stateColours), asText())},
		{field: "outcome", title: "Outcome", width: 150, looks: look(verdicts(), asTile(), whenAbsent("none yet"))},
		{field: "Value #C", title: "Streak", width: 65, looks: look(coloured(streakLevels()), asText(), decimals(0))},
		{field: "Value #D", title: "Last pass", width: 115, looks: look(unit(units.DateTimeFromNow), whenAbsent("none known"))},
		{field: "Value #A", title: "Last run", width: 115, looks: look(unit(units.DateTimeFromNow))},
		{field: "Value #E", title: "Failed", width: 60, looks: look(coloured(anyIsBad()), asText(), decimals(0))},
		{field: "Value #F", title: "Flaky", width: 55, looks: look(coloured(plainAboveZero(flakyColour)), asText(), decimals(0))},
		{field: "Value #G", title: "Took", width: 75, looks: look(unit(units.Seconds), decimals(1))},
		{field: "run_id", title: "Run", width: 65, looks: look(linked(toRun(v)))},
	}
}

func withVerdict(panel *table.PanelBuilder, v view) *table.PanelBuilder {
	completed := func(name string) string { return v.series("empirical_last_completed_run_" + name) }
	state := newest(groupLabels, perGroup(v.series("empirical_last_run_state")+" == 1", "state"))
	return panel.
		WithTarget(asRows("H", v.worstFirst())).
		WithTarget(asRows("A", verdict("1000 * "+v.completedRun()))).
		WithTarget(asRows("B", state)).
		WithTarget(asRows("C", perGroup(v.series("empirical_failing_streak_runs")))).
		WithTarget(asRows("D", "1000 * "+perGroup(v.series("empirical_last_passed_run_created_timestamp_seconds")))).
		WithTarget(asRows("E", perGroup(completed("failed_tests")+" - "+completed("snoozed_failed_tests")))).
		WithTarget(asRows("F", perGroup(completed("flaky_tests")))).
		WithTarget(asRows("G", perGroup(completed("duration_seconds")))).
		NoValue("No run in the lookback")
}

// worstFirst is in the order of the rows, which the join of a table's queries takes from the first of them: first what
// is broken now, that is with a completed run in the window, the longest streak on top, and then the newest run first. A
// closed branch that never got green again stands where it belongs by its age.
func (v view) worstFirst() string {
	created := perGroup(v.series("empirical_last_completed_run_created_timestamp_seconds"))
	streak := perGroup(v.series("empirical_failing_streak_runs"))
	const moreThanAnyTimestamp = "1e11"
	return "sort_desc(" + created + " + " + moreThanAnyTimestamp + " * " + streak + " * (" + v.completedInWindow() + " > bool 0))"
}

// completedInWindow is how many runs of each group of the chosen window carry a verdict.
func (v view) completedInWindow() string {
	return sum(groupLabels, perGroup(v.recent("empirical_recent_runs", `outcome=~"passed|failed|error"`), "outcome"))
}

// verdict puts the error code of a run that broke in the place of its outcome, so that both take one column.
func verdict(runs string) string {
	return `label_replace(` + runs + `, "outcome", "$1", "error_code", "(.+)")`
}

// verdicts paints outcomes and error codes; a code that nobody documented is an error too.
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

// shortCommit shows a commit as people do.
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

// plainAboveZero is for a count that is worth a colour when there is any.
func plainAboveZero(colour string) *dashboard.ThresholdsConfigBuilder {
	one := 1.0
	return absolute([]dashboard.Threshold{{Color: neutralColour}, {Value: &one, Color: colour}})
}
