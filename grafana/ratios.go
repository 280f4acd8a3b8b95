package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const ratioMeaning = "Yellow and red are where the alerts speak. "

// failureTrend shows the failure ratio and that of the week before, one line each.
func failureTrend(v view, width uint32) *timeseries.PanelBuilder {
	graph := newGraph("Failed runs, and the week before",
		"Failed and errored runs over completed ones in the last $window, at each moment; dashed, the same a week earlier. "+ratioMeaning+
			"From empirical_recent_runs.", width)
	return withLimits(graph, levels(runFailureWarning, runFailureCritical)).
		WithTarget(overTime("A", "this week", v.runFailureRatio())).
		WithTarget(overTime("B", "the week before", v.weekBefore().runFailureRatio())).
		OverrideByName("this week", overrides(fixed(failedColour))).
		OverrideByName("the week before", dashed(pastColour)).
		Unit(units.PercentUnit).AxisSoftMax(runFailureWarning).Max(1)
}

func failureRanking(v view) *bargauge.PanelBuilder {
	return newBarGauge("Failed runs by "+last(v.by)+", last $window, worst first",
		"Failed and errored runs over completed ones in the chosen window, the six worst. "+ratioMeaning+"From empirical_recent_runs.", 12).
		WithTarget(atEnd("A", v.legend, "topk(6, "+v.runFailureRatio(v.by...)+")")).
		Thresholds(levels(runFailureWarning, runFailureCritical)).
		Unit(units.PercentUnit).Decimals(1).Max(1).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(12).ValueSize(14)).
		NamePlacement(common.BarGaugeNamePlacementTop).
		MinVizHeight(10).
		NoValue("no run")
}

func failureByGroup(v view) *timeseries.PanelBuilder {
	graph := newGraph("Failed runs by "+last(v.by), "Failed and errored runs over completed ones in the last $window, at each moment. "+
		ratioMeaning+"From empirical_recent_runs.", 12)
	return withLimits(graph, levels(runFailureWarning, runFailureCritical)).
		Legend(legend(v.legendPlacement)).
		WithTarget(overTime("A", v.legend, v.runFailureRatio(v.by...))).
		Unit(units.PercentUnit).AxisSoftMax(runFailureWarning).Max(1)
}

func testFailureByGroup(v view) *timeseries.PanelBuilder {
	graph := newGraph("Failed tests by "+last(v.by), "Failed tests, without snoozed ones, over tests that ran, in the last $window, at each moment. Yellow is where "+
		"the alert speaks. From empirical_recent_failed_tests, empirical_recent_snoozed_failed_tests and empirical_recent_passed_tests.", 12)
	return withLimits(graph, levels(testFailureWarning)).
		Legend(legend(v.legendPlacement)).
		WithTarget(overTime("A", v.legend, v.testFailureRatio(v.by...))).
		Unit(units.PercentUnit).AxisSoftMax(testFailureWarning)
}

func flakyByGroup(v view) *timeseries.PanelBuilder {
	graph := newGraph("Flaky tests by "+last(v.by), "Tests that passed only when tried again, over tests that ran, in the last $window, at each moment. Yellow is where the "+
		"alert speaks. From empirical_recent_flaky_tests, empirical_recent_passed_tests and empirical_recent_failed_tests.", 12)
	return withLimits(graph, levels(flakyWarning)).
		Legend(legend(v.legendPlacement)).
		WithTarget(overTime("A", v.legend, v.flakyRatio(v.by...))).
		Unit(units.PercentUnit).AxisSoftMax(flakyWarning)
}

func last(labels []string) string { return labels[len(labels)-1] }
