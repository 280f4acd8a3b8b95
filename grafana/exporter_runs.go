package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

func runsHeld() *timeseries.PanelBuilder {
	return newComparison("Runs held", "Runs in the lookback that the exporter holds. A cliff is runs that vanished from the API. "+highestMeaning+"From empirical_exporter_runs.", 12).
		WithTarget(overTime("A", keyLegend, highestKeys("empirical_exporter_runs"))).
		Unit(units.Short).Decimals(0)
}

func refusedByReason() *timeseries.PanelBuilder {
	graph := newGraph("Runs refused by reason", "Items left out because they could not be trusted, each minute; one that stays is counted at each refresh that meets it. The "+
		"reason is the part of the item that is wrong. From empirical_exporter_refused_runs_total.", 12).
		WithTarget(overTime("A", "{{reason}}", "sum by (reason) ("+perMinute(ofKey("empirical_exporter_refused_runs_total"))+")")).
		Unit("opm").AxisSoftMax(1)
	return stacked(graph).FillOpacity(20).Height(comparisonHeight)
}

func foldedOverTime() *timeseries.PanelBuilder {
	return newComparison("Groups folded by key", `Branches, each in one environment, counted together under branch="other". `+highestMeaning+"From empirical_exporter_folded_groups.", 12).
		WithTarget(overTime("A", keyLegend, highestKeys("empirical_exporter_folded_groups"))).
		Unit(units.Short).Decimals(0).AxisSoftMax(1)
}

func upOverTime() *timeseries.PanelBuilder {
	return newComparison("Keys that work", "1: the last refresh worked. 0: it failed, or what is held is too old to be served. Not more than ten lines: first those that do not work at the end of the time range. From empirical_up.", 12).
		WithTarget(overTime("A", keyLegend, lowestKeys("empirical_up"))).
		Unit(units.Number).Decimals(0).Max(1)
}
