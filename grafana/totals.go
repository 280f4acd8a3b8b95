package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// countersMeaning is part of the description of each figure from counters.
const countersMeaning = "Rounded to whole runs. Of several replicas of the exporter the highest count is taken. "

// outcomesInWindow is exact, and costs the same for any window. A counter would be read sample by sample.
func outcomesInWindow(v view, width uint32) *bargauge.PanelBuilder {
	outcome := []string{"outcome"}
	return withOutcomes(newBarGauge("Runs by outcome, last $window", "Runs of the chosen window by outcome, exact. From empirical_recent_runs.", width).
		WithTarget(atEnd("A", "{{outcome}}", "sort_desc("+sum(outcome, perGroup(v.recent("empirical_recent_runs"), outcome...))+")")))
}

func outcomesInRange(v view, width uint32) *bargauge.PanelBuilder {
	outcome := []string{"outcome"}
	return withOutcomes(newBarGauge("Runs by outcome, chosen time range", "Runs that finished in the time range of the dashboard while the exporter was watching. "+
		countersMeaning+"From empirical_finished_runs_total.", width).
		WithTarget(atEnd("A", "{{outcome}}", "sort_desc(round("+sum(outcome, perGroup(v.increase("empirical_finished_runs_total", "$__range"), outcome...))+"))")))
}

func withOutcomes(panel *bargauge.PanelBuilder) *bargauge.PanelBuilder {
	panel.Height(tallHeight).
		Unit(units.Short).Decimals(0).
		NoValue("no run")
	for _, name := range outcomes {
		panel.OverrideByName(name, overrides(fixed(outcomeColours[name])))
	}
	return panel
}

// runsOverTime shows how many runs a day has.
func runsOverTime(v view, width uint32) *timeseries.PanelBuilder {
	outcome := []string{"outcome"}
	graph := newGraph("Runs by outcome, in the day before each moment", "Runs of the last day, exact, at each moment. From empirical_recent_runs.", width).
		Interval("1h").
		WithTarget(overTime("A", "{{outcome}}", sum(outcome, perGroup(v.series("empirical_recent_runs", `window="1d"`), outcome...)))).
		Unit(units.Short).Decimals(0)
	return withColours(stacked(graph), outcomes, outcomeColours)
}

// runsPerDay looks a day ahead of each step, so that a bar is drawn at the day that it counts. The last bar is today.
func runsPerDay(v view, width uint32) *timeseries.PanelBuilder {
	outcome := []string{"outcome"}
	ahead := "increase(" + v.series("empirical_finished_runs_total") + "[1d] offset -1d)"
	graph := newGraph("Runs per day", "Runs that finished on each day (UTC) while the exporter was watching; the last bar is today so far. "+
		countersMeaning+"From empirical_finished_runs_total.", width).
		Interval("1d").
		WithTarget(overTime("A", "{{outcome}}", "round("+sum(outcome, perGroup(ahead, outcome...))+")").Interval("1d")).
		Unit(units.Short).Decimals(0)
	return withColours(bars(graph), outcomes, outcomeColours)
}

var outcomes = []string{"passed", "failed", "error", "cancelled"}
