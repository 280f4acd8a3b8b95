package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// errorCodes has the codes that the API documents, and "unknown".
var errorCodes = []string{
	"merge_conflict", "dispatch_failed", "report_not_generated", "run_failed_with_error", "worker_interrupted", "merge_reports_failed", "unknown",
}

// errorsOverTime takes its zeros from the counter, which has a series for every documented code, at the end of the time
// range. The gauge has one only where there was an error.
func errorsOverTime(v view, width uint32) *timeseries.PanelBuilder {
	code := []string{"error_code"}
	recent := sum(code, perGroup(v.recent("empirical_recent_run_errors"), code...))
	end := v
	end.end = true
	zeros := "0 * " + sum(code, perGroup(end.series("empirical_run_errors_total"), code...))
	graph := newGraph("Runs that broke by error code, last $window", "Errored runs in the window, at each moment, by what the API gave as the reason: the run itself broke, "+
		"not a test. From empirical_recent_run_errors, with the zeros of empirical_run_errors_total.", width).
		WithTarget(overTime("A", "{{error_code}}", recent+" or "+zeros)).
		Unit(units.Short).Decimals(0).AxisSoftMax(1)
	return withColours(stacked(graph.Height(tallHeight)), errorCodes, errorColours)
}

// errorsInWindow is exact, and costs the same for any window. A counter would be read sample by sample.
func errorsInWindow(v view, width uint32) *bargauge.PanelBuilder {
	code := []string{"error_code"}
	return ofErrors(newBarGauge("Runs that broke, last $window", "Errored runs of the chosen window, exact, by error code. From empirical_recent_run_errors.", width).
		WithTarget(atEnd("A", "{{error_code}}", "sort_desc("+sum(code, perGroup(v.recent("empirical_recent_run_errors"), code...))+")")))
}

func errorsInRange(v view, width uint32) *bargauge.PanelBuilder {
	code := []string{"error_code"}
	return ofErrors(newBarGauge("Runs that broke, chosen time range", "Errored runs that finished in the time range of the dashboard while the exporter was watching, by error code. "+
		countersMeaning+"From empirical_run_errors_total.", width).
		WithTarget(atEnd("A", "{{error_code}}", "sort_desc(round("+sum(code, perGroup(v.increase("empirical_run_errors_total", "$__range"), code...))+"))")))
}

func ofErrors(panel *bargauge.PanelBuilder) *bargauge.PanelBuilder {
	return panel.
		Thresholds(plain(errorColour)).
		Unit(units.Short).Decimals(0).
		Height(tallHeight).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(12).ValueSize(14)).
		NamePlacement(common.BarGaugeNamePlacementTop).
		MinVizHeight(10).
		NoValue("no run")
}
