package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const activeStates = `state=~"pending|queued|started|cancelling"`

// activeTable shows what runs and waits now, and since when.
func activeTable(v view, title string) *table.PanelBuilder {
	columns := append([]column{
		{field: "state", title: "State", width: 80, overrides: overrides(textColours(stateColours), asColouredText())},
		{field: "Value #A", title: "Runs", width: 55},
		{field: "Value #B", title: "Oldest", width: 135, overrides: overrides(unit(units.DateTimeFromNow))},
		{field: "run_id", title: "Oldest run", width: 90, overrides: overrides(linked(toRun(v)))},
	}, v.groupColumns()...)
	return newTable(title, "Runs in an active state, by branch and environment, and when the oldest of them was created. "+
		"Runs older than the exporter's lookback are not seen. From empirical_runs, empirical_oldest_active_run_created_timestamp_seconds "+
		"and empirical_oldest_active_run_info.", 15, graphHeight, columns, v.hidden...).
		WithTarget(asRows("A", "topk(100, "+perGroup(v.series("empirical_runs", activeStates), "state")+" > 0)")).
		WithTarget(asRows("B", "topk(100, 1000 * "+v.oldestActiveRun()+")")).
		NoValue("Nothing runs or waits")
}

// activeOverTime shows when runs wait.
func activeOverTime(v view, width uint32) *timeseries.PanelBuilder {
	graph := newGraph("Running and waiting", "Runs in each active state, at each moment. From empirical_runs.", width).
		WithTarget(overTime("A", "{{state}}", sum([]string{"state"}, perGroup(v.series("empirical_runs", activeStates), "state")))).
		Unit(units.Short).Decimals(0).AxisSoftMax(1)
	return withColours(stacked(graph), []string{"pending", "queued", "started", "cancelling"}, stateColours)
}
