package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// slowestQueue shows how long runs wait before they start, beside slowestGroup.
func slowestQueue(v view) *timeseries.PanelBuilder {
	graph := newGraph("How long runs wait to start, last $window", "Mean, median, 90th percentile and longest time from the creation of a run to its start, of the runs of the window that have "+
		"started, exact. Each line is the branch and environment of the selection that waits longest. From empirical_recent_run_queued_seconds.", 12).
		WithTarget(overTime("A", "{{stat}}", minutes("max by (stat) ("+v.recent("empirical_recent_run_queued_seconds")+")"))).
		Unit(units.Minutes)
	return withColours(graph, []string{"mean", "p50", "p90", "max"}, statColours)
}

// queueByGroup compares how long runs wait.
func queueByGroup(v view, width uint32) *timeseries.PanelBuilder {
	return newComparison("How long runs wait to start by "+last(v.by)+", last day", "90th percentile of the time from the creation of a run to its start, of the runs of the last day that have started, exact. "+
		highestMeaning+"From empirical_recent_run_queued_seconds.", width).
		WithTarget(overTime("A", v.legend, minutes(v.highest(func(v view) string { return v.queue(v.by...) })))).
		Unit(units.Minutes)
}

// queue returns the 90th percentile of the queue time of the last day, of the environment where it is longest.
func (v view) queue(by ...string) string {
	return "max by (" + strings.Join(by, ", ") + ") (" + v.series("empirical_recent_run_queued_seconds", `window="1d"`, `stat="p90"`) + ")"
}
