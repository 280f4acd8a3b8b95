package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// minutes converts seconds. The axis of a graph has no good steps for seconds when runs take minutes.
func minutes(seconds string) string { return "(" + seconds + ") / 60" }

// slowestGroup shows the statistics that the exporter computes for each group. They cannot be averaged over groups, so
// it shows the slowest one.
func slowestGroup(v view) *timeseries.PanelBuilder {
	graph := newGraph("How long runs take: the slowest branch, last $window", "Mean, median, 90th percentile and longest duration of the runs that ended in the window, "+
		"exact. Each line is the slowest branch and environment of the selection: such figures cannot be averaged over branches. "+
		"From empirical_recent_run_duration_seconds.", 12).
		WithTarget(overTime("A", "{{stat}}", minutes("max by (stat) ("+v.recent("empirical_recent_run_duration_seconds")+")"))).
		Unit(units.Minutes)
	return withColours(graph, []string{"mean", "p50", "p90", "max"}, statColours)
}

// durationByGroup compares branches.
func durationByGroup(v view) *timeseries.PanelBuilder {
	return newComparison("How long runs take by "+last(v.by)+", last $window", "90th percentile of the durations of the runs that ended in the window, exact. "+
		highestMeaning+"From empirical_recent_run_duration_seconds.", 12).
		WithTarget(overTime("A", v.legend, minutes(v.highest(func(v view) string {
			return "max by (" + strings.Join(v.by, ", ") + ") (" + v.recent("empirical_recent_run_duration_seconds", `stat="p90"`) + ")"
		})))).
		Unit(units.Minutes)
}

// allRunsTogether shows percentiles over all runs of the selection. Only the histogram has these. It is for one environment:
// a day of all buckets of fifty projects is too much for a graph.
func allRunsTogether(v view) *timeseries.PanelBuilder {
	graph := newGraph("How long runs take: all runs together, last day", "Percentiles over every run of the selection that ended in the day before each moment, estimated from "+
		"a histogram, so to within a bucket. Only runs that finished while the exporter was watching. The points are single runs; each links to its page. "+
		"From empirical_run_duration_seconds.", 12).
		Interval("1h").
		WithTarget(overTime("A", "p50", minutes(v.durationQuantile("0.5")))).
		WithTarget(overTime("B", "p90", minutes(v.durationQuantile("0.9")))).
		WithTarget(overTime("C", "p99", minutes(v.durationQuantile("0.99"))).Exemplar(true)).
		Unit(units.Minutes)
	return withColours(graph, []string{"p50", "p90", "p99"}, statColours)
}

// durationQuantile uses the classic or the native histogram, whichever Prometheus has. Replicas may be added up: this
// does not change a quantile.
func (v view) durationQuantile(quantile string) string {
	classic := "sum by (le) (" + v.increase("empirical_run_duration_seconds_bucket", "1d") + ")"
	native := "sum(" + v.increase("empirical_run_duration_seconds", "1d") + ")"
	return "histogram_quantile(" + quantile + ", " + classic + ") or histogram_quantile(" + quantile + ", " + native + ")"
}

func durationHeatmap(v view) *heatmap.PanelBuilder {
	further := []string{"le"}
	classic := sum(further, perGroup(v.increase("empirical_run_duration_seconds_bucket", "$__interval"), further...))
	native := "sum(avg by (project, environment, branch) (" + v.increase("empirical_run_duration_seconds", "$__interval") + "))"
	return heatmap.NewPanelBuilder().
		Title("How long runs take: every run").
		Description("How many runs of each length ended in each step of the time axis. Only runs that finished while the exporter was watching. " +
			"From empirical_run_duration_seconds.").
		Datasource(datasource()).
		Span(24).Height(graphHeight).
		Interval("3h").
		WithTarget(overTime("A", "{{le}}", classic+" or "+native).Format("heatmap")).
		Calculate(false).
		YAxis(heatmap.NewYAxisConfigBuilder().Unit(units.Seconds)).
		RowsFrame(heatmap.NewRowsHeatmapOptionsBuilder().Layout(common.HeatmapCellLayoutAuto)).
		CellValues(heatmap.NewCellValuesBuilder().Unit(units.Short)).
		Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Blues").Steps(32)).
		FilterValues(heatmap.NewFilterValueRangeBuilder().Le(0.5)).
		ShowLegend().
		NoValue("No run finished")
}

// slowestTable ranks the groups by how long their runs take.
func slowestTable(v view, width uint32) *table.PanelBuilder {
	seconds := overrides(unit(units.Seconds), decimals(1))
	columns := append(v.groupColumns(),
		column{field: "Value #A", title: "p90", width: 160, overrides: append(overrides(asGauge(), coloured(plain(statColours["p90"])),
			dashboard.DynamicConfigValue{Id: "min", Value: 0}), seconds...)},
		column{field: "Value #B", title: "Mean", width: 75, overrides: seconds},
		column{field: "Value #C", title: "p50", width: 75, overrides: seconds},
		column{field: "Value #D", title: "Max", width: 75, overrides: seconds},
	)
	stat := func(name string) string {
		return perGroup(v.recent("empirical_recent_run_duration_seconds", `stat="`+name+`"`))
	}
	panel := newTable("Slowest branches, last $window", "Durations of the runs that ended in the window, exact, slowest first. From empirical_recent_run_duration_seconds.",
		width, graphHeight, columns, v.hidden...).
		WithTarget(asRows("A", stat("p90"))).
		WithTarget(asRows("B", stat("mean"))).
		WithTarget(asRows("C", stat("p50"))).
		WithTarget(asRows("D", stat("max"))).
		NoValue("No run ended in the window")
	return sortedBy(panel, "p90")
}
