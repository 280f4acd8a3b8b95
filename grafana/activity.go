package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const activeStates = `state=~"pending|queued|started|cancelling"`

// activeTable is what runs and waits now, and since when.
func activeTable(v view) *table.PanelBuilder {
	columns := []column{
		{field: "Value #B", title: "Oldest", looks: look(unit(units.DateTimeFromNow))},
		{field: "state", title: "State", looks: look(named(stateColours), asText())},
		{field: "Value #A", title: "Runs", width: 60},
		{field: "project", title: "Project", looks: look(emptyAs(noLabel))},
		{field: "environment", title: "Environment", looks: look(emptyAs(noLabel))},
		{field: "branch", title: "Branch", looks: look(emptyAs(noLabel))},
		{field: "run_id", title: "Oldest run", width: 95, looks: look(linked(toRun()))},
	}
	return newTable("What runs and waits now, and since when", "Runs in an active state, by branch and environment, and when the oldest of them was created. "+
		"Runs older than the exporter's lookback are not seen. From empirical_runs, empirical_oldest_active_run_created_timestamp_seconds "+
		"and empirical_oldest_active_run_info.", 12, graphHeight, columns).
		WithTarget(asRows("A", perGroup(v.series("empirical_runs", activeStates), "state")+" > 0")).
		WithTarget(asRows("B", "1000 * "+v.oldestActiveRun())).
		NoValue("Nothing runs or waits")
}

// activeOverTime shows a queue that backs up.
func activeOverTime(v view) *timeseries.PanelBuilder {
	graph := newGraph("Running and waiting", "Runs in each active state, at each moment. From empirical_runs.", 12).
		WithTarget(overTime("A", "{{state}}", sum([]string{"state"}, perGroup(v.series("empirical_runs", activeStates), "state")))).
		Unit(units.Short).Decimals(0).AxisSoftMax(1)
	return painted(stacked(graph), []string{"pending", "queued", "started", "cancelling"}, stateColours)
}
