package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// projectTable has a row for each project, with what an owner asks first.
func projectTable(v view) *table.PanelBuilder {
	return newTable("Projects, by what needs attention", projectTableDescription, 24, 17, projectColumns(), "Value #H", "Value #I").
		WithTarget(asRows("H", "sort_desc("+v.projectAttention()+")")).
		WithTarget(asRows("I", "max by (project, team) ("+v.known()+")")).
		WithTarget(asRows("A", v.lastState())).
		WithTarget(asRows("B", v.brokenSince())).
		WithTarget(asRows("C", v.orZero(v.firingBy("critical")))).
		WithTarget(asRows("D", v.orZero(v.firingBy("warning")))).
		WithTarget(asRows("E", v.passRate("project"))).
		WithTarget(asRows("F", "100 * ("+v.passRate("project")+" - "+v.weekBefore().passRate("project")+")")).
		WithTarget(asRows("G", "100 * ("+v.passRate28("project")+") - $objective")).
		WithTarget(asRows("J", v.flakyOf7d())).
		WithTarget(asRows("K", v.queue("project"))).
		WithTarget(asRows("L", "1000 * max by (project) ("+v.series("empirical_last_run_created_timestamp_seconds")+")")).
		NoValue("No project")
}

const projectTableDescription = "State: how many environments of the default branch did not pass in their last completed run. Broken since: the last pass of the environment that is broken longest. " +
	"7 days: passed over completed runs, and its change against the week before, in percentage points. 28 days: the pass rate less the objective, in percentage points. " +
	"Flaky: flaky over executed tests of 7 days. Queue: 90th percentile of the time to start, of the last day. " +
	"The order: critical alerts, then a state that is not passing, then warnings, then the lowest pass rate. A project leads to its test runs. " +
	"From empirical_project_info, empirical_up, empirical_last_completed_run_success, empirical_last_passed_run_created_timestamp_seconds, ALERTS, empirical_recent_runs, " +
	"empirical_recent_flaky_tests, empirical_recent_passed_tests, empirical_recent_failed_tests, empirical_recent_run_queued_seconds and empirical_last_run_created_timestamp_seconds."

func projectColumns() []column {
	share := overrides(unit(units.PercentUnit), decimals(1))
	points := overrides(unit(units.Number), decimals(1), coloured(fromZero()), asColouredText())
	count := func(colour string) []dashboard.DynamicConfigValue {
		return overrides(coloured(filledAboveZero(colour)), asColouredCell(), decimals(0))
	}
	return []column{
		{field: "project", title: "Project", overrides: overrides(linked(toTestRuns()))},
		{field: "team", title: "Team", width: 100},
		{field: "Value #A", title: "State", width: 100, overrides: overrides(projectStates(), unit("suffix: failing"), coloured(anyIsBad()), asColouredCell(), decimals(0))},
		{field: "Value #B", title: "Broken since", width: 135, overrides: overrides(unit(units.DateTimeFromNow), noPassKnown())},
		{field: "Value #C", title: "Critical", width: 65, overrides: count(criticalColour)},
		{field: "Value #D", title: "Warning", width: 70, overrides: count(warningColour)},
		{field: "Value #E", title: "7 days", width: 70, overrides: append(overrides(coloured(atLeast(1-runFailureWarning, 1-runFailureCritical)), asColouredText()), share...)},
		{field: "Value #F", title: "Change", width: 70, overrides: points},
		{field: "Value #G", title: "28 days", width: 75, overrides: points},
		{field: "Value #J", title: "Flaky", width: 65, overrides: append(overrides(coloured(levels(flakyWarning)), asColouredText()), share...)},
		{field: "Value #K", title: "Queue", width: 80, overrides: overrides(unit(units.Seconds), decimals(1))},
		{field: "Value #L", title: "Last run", width: 135, overrides: overrides(unit(units.DateTimeFromNow))},
	}
}

// The states of a project that has no number of environments that fail.
const (
	noRunState  = "-1"
	unreadState = "-2"
	goneState   = "-3"
)

func projectStates() dashboard.DynamicConfigValue {
	state := func(text, colour string) dashboard.ValueMappingResult {
		return dashboard.ValueMappingResult{Text: cog.ToPtr(text), Color: cog.ToPtr(colour)}
	}
	return mappings(valueMap(map[string]dashboard.ValueMappingResult{
		"0": state("passing", passedColour), noRunState: state("no run", neutralColour),
		unreadState: state("not read", errorColour), goneState: state("gone", errorColour),
	}))
}

func noPassKnown() dashboard.DynamicConfigValue {
	return mappings(valueMap(map[string]dashboard.ValueMappingResult{"0": {Text: cog.ToPtr("no pass known")}}))
}

// known has the projects of the last day, also those whose exporter is gone.
func (v view) known() string {
	return "last_over_time(empirical_project_info{" + v.scope + "}[1d])"
}

// projectState counts the environments that did not pass in their last completed run. Where none has one, it says why.
func (v view) projectState() string {
	info := "empirical_project_info{" + v.scope + "}"
	read := "max by (project) (empirical_up * on (cluster, job, instance, key) group_left (project) " + info + ")"
	return strings.Join([]string{
		"(" + read + " == 0) " + minus(unreadState),
		"sum by (project) (1 - " + perGroup(v.series("empirical_last_completed_run_success")) + ")",
		"0 * max by (project) (" + info + ") " + minus(noRunState),
	}, " or ")
}

// lastState is the same with a state for the projects that were there in the last day and are not now. It looks back a
// day, which is too dear for a graph.
func (v view) lastState() string {
	return v.projectState() + " or 0 * max by (project) (" + v.known() + ") " + minus(goneState)
}

// minus adds a negative number to what is 0.
func minus(number string) string { return "- " + strings.TrimPrefix(number, "-") }

// brokenSince is when the environments that do not pass now passed last, the one that is broken longest; 0 where the
// exporter knows no pass.
func (v view) brokenSince() string {
	broken := "(" + perGroup(v.series("empirical_last_completed_run_success")) + " == 0)"
	passed := perGroup(v.series("empirical_last_passed_run_created_timestamp_seconds"))
	return "1000 * min by (project) (" + passed + " and " + broken + " or " + broken + ")"
}

// firingBy counts the alerts of a project that fire.
func (v view) firingBy(severity string) string {
	return `count by (project) (` + firing(v.scope, `severity="`+severity+`"`, `project!=""`) + `)`
}

func (v view) flakyOf7d() string {
	tests := func(kind string) string {
		return sum(v.by, perGroup(v.series("empirical_recent_"+kind+"_tests", `window="7d"`)))
	}
	return tests("flaky") + " / (" + tests("passed") + " + " + tests("failed") + " > 0)"
}

// projectAttention sorts the rows: each part outweighs all that follow it.
func (v view) projectAttention() string {
	return "8 * (" + v.orZero(v.firingBy("critical")) + " > bool 0)" +
		" + 4 * ((" + v.lastState() + ") != bool 0)" +
		" + 2 * (" + v.orZero(v.firingBy("warning")) + " > bool 0)" +
		" + " + v.orZero("1 - "+v.passRate("project"))
}

// orZero adds a 0 for each project that an expression has nothing for.
func (v view) orZero(expr string) string {
	return "(" + expr + " or 0 * max by (project) (" + v.known() + "))"
}
