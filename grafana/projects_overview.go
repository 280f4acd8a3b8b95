package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// count counts the projects whose state compares so.
func count(states, comparison string) string {
	return "count((" + states + ") " + comparison + ") or vector(0)"
}

const stateMetrics = "From empirical_project_info, empirical_up and empirical_last_completed_run_success."

func projectsNotPassing(v view) *stat.PanelBuilder {
	return sideBySide(newStat("Projects", "How many projects pass on their default branch, and how many do not: a last completed run that did not pass, no run, or nothing read. "+stateMetrics, 5)).
		WithTarget(atEnd("A", "Passing", count(v.lastState(), "== 0"))).
		WithTarget(atEnd("B", "Not passing", count(v.lastState(), "!= 0"))).
		ColorMode(common.BigValueColorModeBackgroundSolid).
		Thresholds(anyIsBad()).
		Unit(units.Number).
		NoValue("no project").
		OverrideByName("Passing", overrides(coloured(plain(passedColour))))
}

func alertsBySeverity(v view) *stat.PanelBuilder {
	firingNow := func(severity string) string {
		return "count(" + firing(v.scope, `severity="`+severity+`"`) + ") or vector(0)"
	}
	return sideBySide(newStat("Alerts that fire", "The shipped alerts that fire now. From ALERTS, which Prometheus makes of the alert rules.", 5)).
		WithTarget(atEnd("A", "Critical", firingNow("critical"))).
		WithTarget(atEnd("B", "Warning", firingNow("warning"))).
		ColorMode(common.BigValueColorModeBackgroundSolid).
		Thresholds(anyIsBad()).
		Unit(units.Number).
		NoValue("none").
		OverrideByName("Warning", overrides(coloured(levels(1))))
}

func passRateNow(v view) *stat.PanelBuilder {
	return newStat("Pass rate, 7 days", "Passed runs over completed ones of the last seven days, of all projects together. From empirical_recent_runs.", 4).
		WithTarget(overTime("A", "Passed", v.passRate())).
		GraphMode(common.BigValueGraphModeArea).
		Thresholds(atLeast(1-runFailureWarning, 1-runFailureCritical)).
		Unit(units.PercentUnit).Decimals(1).Max(1).
		NoValue("no run")
}

func longestQueue(v view) *stat.PanelBuilder {
	return newStat("Longest queue, 1d", "90th percentile of the time from the creation of a run to its start, of the project where that is longest. "+
		"From empirical_recent_run_queued_seconds.", 4).
		WithTarget(overTime("A", "Queue", "max("+v.queue("project")+")")).
		GraphMode(common.BigValueGraphModeArea).
		Thresholds(plain(queuedColour)).
		Unit(units.Seconds).Decimals(1).
		NoValue("no run")
}

// projectsByState shows whether it is getting better.
func projectsByState(v view) *timeseries.PanelBuilder {
	graph := newGraph("Projects that do not pass", "How many projects were failing, without a run on their default branch, or not read, at each moment. "+stateMetrics, 12).
		WithTarget(overTime("A", "failing", count(v.projectState(), "> 0"))).
		WithTarget(overTime("B", "no run", count(v.projectState(), "== "+noRunState))).
		WithTarget(overTime("C", "not read", count(v.projectState(), "< "+noRunState))).
		Unit(units.Short).Decimals(0).AxisSoftMax(1).Height(comparisonHeight)
	return withColours(stacked(graph), []string{"failing", "no run", "not read"}, map[string]string{
		"failing": failedColour, "no run": neutralColour, "not read": errorColour,
	})
}

func passRateByProject(v view) *timeseries.PanelBuilder {
	return newComparison("Pass rate of 7 days: the lowest", "Passed runs over completed ones in the seven days before each moment, of the ten projects where it is lowest "+
		"at the end of the time range. From empirical_recent_runs.", 12).
		WithTarget(overTime("A", v.legend, v.lowest(func(v view) string { return v.passRate(v.by...) }))).
		Interval("3h").
		Legend(tableLegend(false)).AxisSoftMin(passRateFloor).
		Unit(units.PercentUnit).Decimals(1).Max(1)
}
