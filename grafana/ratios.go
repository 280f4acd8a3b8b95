package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const ratioMeaning = "Yellow and red are where the alerts speak. "

// highestMeaning is part of the description of each graph that may leave lines out.
const highestMeaning = "Not more than ten lines: the highest at the end of the time range. "

// failureTrend shows the failure ratio and that of the week before, one line each.
func failureTrend(v view, width uint32) *timeseries.PanelBuilder {
	graph := newComparison("Failed runs, and the week before",
		"Failed and errored runs over completed ones in the last $window, at each moment; dashed, the same a week earlier. "+ratioMeaning+
			"From empirical_recent_runs.", width)
	return withLimits(graph, levels(runFailureWarning, runFailureCritical)).
		WithTarget(overTime("A", "this week", v.runFailureRatio())).
		WithTarget(overTime("B", "the week before", v.weekBefore().runFailureRatio())).
		Legend(legend()).LineWidth(2).
		OverrideByName("this week", overrides(fixed(failedColour))).
		OverrideByName("the week before", dashed(pastColour)).
		Unit(units.PercentUnit).Decimals(1).AxisSoftMax(runFailureWarning).Max(1)
}

func failureRanking(v view, title string, width uint32) *bargauge.PanelBuilder {
	return newBarGauge(title+", last $window, worst first",
		"Failed and errored runs over completed ones in the chosen window, the six worst. "+ratioMeaning+"From empirical_recent_runs.", width).
		WithTarget(atEnd("A", v.legend, "topk(6, "+v.runFailureRatio(v.by...)+")")).
		Height(comparisonHeight).
		Thresholds(levels(runFailureWarning, runFailureCritical)).
		Unit(units.PercentUnit).Decimals(1).Max(1).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(12).ValueSize(14)).
		NamePlacement(common.BarGaugeNamePlacementTop).
		MinVizHeight(10).
		NoValue("no run")
}

func failureByGroup(v view) *timeseries.PanelBuilder {
	graph := newComparison("Failed runs by "+last(v.by)+", over time", "Failed and errored runs over completed ones in the last $window, at each moment. "+
		ratioMeaning+highestMeaning+"From empirical_recent_runs.", 12)
	return withLimits(graph, levels(runFailureWarning, runFailureCritical)).
		WithTarget(overTime("A", v.legend, v.highest(func(v view) string { return v.runFailureRatio(v.by...) }))).
		Unit(units.PercentUnit).Decimals(1).AxisSoftMax(runFailureWarning).Max(1)
}

func testFailureByGroup(v view) *timeseries.PanelBuilder {
	graph := newComparison("Failed tests by "+last(v.by), "Failed tests, without snoozed ones, over tests that ran, in the last $window, at each moment. Yellow is where "+
		"the alert speaks. "+highestMeaning+"From empirical_recent_failed_tests, empirical_recent_snoozed_failed_tests and empirical_recent_passed_tests.", 12)
	return withLimits(graph, levels(testFailureWarning)).
		WithTarget(overTime("A", v.legend, v.highest(func(v view) string { return v.testFailureRatio(v.by...) }))).
		Unit(units.PercentUnit).Decimals(1).AxisSoftMax(testFailureWarning)
}

func flakyByGroup(v view) *timeseries.PanelBuilder {
	graph := newComparison("Flaky tests by "+last(v.by), "Tests that passed only when tried again, over tests that ran, in the last $window, at each moment. Yellow is where the "+
		"alert speaks. "+highestMeaning+"From empirical_recent_flaky_tests, empirical_recent_passed_tests and empirical_recent_failed_tests.", 12)
	return withLimits(graph, levels(flakyWarning)).
		WithTarget(overTime("A", v.legend, v.highest(func(v view) string { return v.flakyRatio(v.by...) }))).
		Unit(units.PercentUnit).Decimals(1).AxisSoftMax(flakyWarning)
}

func last(labels []string) string { return labels[len(labels)-1] }
