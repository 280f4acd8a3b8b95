package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

func requestsByCode() *timeseries.PanelBuilder {
	graph := newGraph("Requests by answer", "Requests to Empirical's API each minute, retries included, by HTTP status; error: no answer came. "+
		"From empirical_exporter_api_requests_total.", 12).
		WithTarget(overTime("A", "{{code}}", "sum by (code) ("+perMinute(ofKey("empirical_exporter_api_requests_total"))+")")).
		Unit("reqpm")
	return stacked(graph).
		OverrideByRegexp("^2..$", overrides(fixed(passedColour))).
		OverrideByRegexp("^(3|4)..$", overrides(fixed(warningColour))).
		OverrideByRegexp("^(5..|error)$", overrides(fixed(failedColour)))
}

func requestLatency() *timeseries.PanelBuilder {
	quantile := func(q string) string {
		return "histogram_quantile(" + q + ", sum by (le) (rate(" + ofKey("empirical_exporter_api_request_duration_seconds_bucket") + "[$__rate_interval])))"
	}
	graph := newGraph("How long requests take", "Percentiles over all requests, estimated from a histogram, so to within a bucket. "+
		"From empirical_exporter_api_request_duration_seconds.", 12).
		WithTarget(overTime("A", "p50", quantile("0.5"))).
		WithTarget(overTime("B", "p90", quantile("0.9"))).
		WithTarget(overTime("C", "p99", quantile("0.99"))).
		Unit(units.Seconds)
	return withColours(graph, []string{"p50", "p90", "p99"}, statColours)
}

func refreshDuration() *timeseries.PanelBuilder {
	return newComparison("How long refreshes take", "The last refresh of each key, at each moment. Longer than the scrape timeout is no fault: the scrape is answered from what is "+
		"there. "+highestMeaning+"From empirical_exporter_last_refresh_duration_seconds.", 12).
		WithTarget(overTime("A", keyLegend, highestKeys("empirical_exporter_last_refresh_duration_seconds"))).
		Unit(units.Seconds)
}

func failuresByReason() *timeseries.PanelBuilder {
	graph := newGraph("Failures by reason", "Refreshes that failed, each minute. unauthorized: look at the key. rate_limited: too many requests. "+
		"timeout, network, server: Empirical or the way to it. tls: a certificate, or --api.url. response, request: the API changed, its items cannot be trusted, or a proxy answers. duplicate_project: two keys of one "+
		"project. From empirical_exporter_refresh_failures_total.", 12).
		WithTarget(overTime("A", "{{reason}}", "sum by (reason) ("+perMinute(ofKey("empirical_exporter_refresh_failures_total"))+")")).
		Unit("opm").AxisSoftMax(1)
	return stacked(graph).FillOpacity(20).Height(comparisonHeight)
}
