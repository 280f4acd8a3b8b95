package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// passRateFloor is where the axis of pass rates begins, unless one is lower.
const passRateFloor = 0.7

// weeksOfObjective are the weeks that an objective is measured over.
const weeksOfObjective = 4

// passRate returns passed / completed runs of the last seven days. It needs the window 7d, as the alerts do.
func (v view) passRate(by ...string) string {
	return v.passRateOf(func(matcher string) string {
		return perGroup(v.series("empirical_recent_runs", `window="7d"`, matcher), "outcome")
	}, by...)
}

// passRate28 returns the same of the last 28 days: four times the last seven days, each a week earlier. The exporter's
// gauges are exact, and so is this, while an increase over 28 days would read every sample of a counter.
func (v view) passRate28(by ...string) string {
	return v.passRateOf(func(matcher string) string {
		var weeks []string
		for week := range weeksOfObjective {
			runs := perGroup(v.weeksBefore(week).series("empirical_recent_runs", `window="7d"`, matcher), "outcome")
			weeks = append(weeks, `label_replace(`+runs+`, "week", "`+strconv.Itoa(week)+`", "", "")`)
		}
		return strings.Join(weeks, " or ")
	}, by...)
}

func (v view) passRateOf(runs func(matcher string) string, by ...string) string {
	return sum(by, runs(`outcome="passed"`)) + " / (" + sum(by, runs(completedOutcome)) + " > 0)"
}

// passRate28Now compares the pass rate of 28 days with the objective.
func passRate28Now(v view, width uint32) *stat.PanelBuilder {
	return sideBySide(newStat("28 days", "Passed runs over completed ones in the last 28 days, and how many percentage points that is above the objective, which is "+
		"a variable of the dashboard; below 0 it is missed. From empirical_recent_runs, whose window 7d is asked for four times, a week apart.", width)).
		WithTarget(atEnd("A", "Passed", v.passRate28())).
		WithTarget(atEnd("B", "Points", "100 * ("+v.passRate28()+") - $objective")).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(14).ValueSize(28)).
		Unit(units.PercentUnit).Decimals(1).
		NoValue("no run").
		OverrideByName("Points", overrides(unit(units.Number), coloured(fromZero())))
}

// passRate28OverTime shows whether the objective comes nearer. It is for one environment: a graph of fifty projects would
// read a month of all.
func passRate28OverTime(v view, width uint32) *timeseries.PanelBuilder {
	return newComparison("Pass rate of 28 days, and the objective", "Passed runs over completed ones in the 28 days before each moment, of the ten with the lowest at the end of the time range; "+
		"dashed, the objective, which is a variable of the dashboard. From empirical_recent_runs.", width).
		WithTarget(overTime("A", v.legend, v.lowest(func(v view) string { return v.passRate28(v.by...) }))).
		WithTarget(overTime("B", "objective", "vector($objective / 100)")).
		OverrideByName("objective", dashed(criticalColour)).
		Legend(tableLegend(false)).AxisSoftMin(passRateFloor).
		Unit(units.PercentUnit).Decimals(1).Max(1)
}
