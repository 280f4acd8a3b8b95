package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const targetLegend = "{{instance}}"

func scrapeDuration() *timeseries.PanelBuilder {
	return newGraph("How long scrapes take", "Seen by Prometheus; a scrape waits for the refresh it asks for, at most until its own timeout. "+
		"From scrape_duration_seconds, which Prometheus itself makes.", 8).
		WithTarget(overTime("A", targetLegend, ofTarget("scrape_duration_seconds"))).
		Unit(units.Seconds)
}

func scrapeSeries() *timeseries.PanelBuilder {
	return newGraph("Series", "Samples of each scrape, and how many series were new in it: branches that come. "+
		"From scrape_samples_scraped and scrape_series_added, which Prometheus itself makes.", 8).
		WithTarget(overTime("A", targetLegend, ofTarget("scrape_samples_scraped"))).
		WithTarget(overTime("B", "new on "+targetLegend, ofTarget("scrape_series_added"))).
		Unit(units.Short).Decimals(0)
}

func scrapesByCode() *timeseries.PanelBuilder {
	graph := newGraph("Scrapes by answer", "Scrapes each minute by HTTP status. 503: more at once than --web.max-requests. From promhttp_metric_handler_requests_total.", 8).
		WithTarget(overTime("A", "{{code}}", "sum by (code) ("+perMinute(ofTarget("promhttp_metric_handler_requests_total"))+")")).
		Unit("opm")
	return stacked(graph).
		OverrideByName("200", overrides(fixed(passedColour))).
		OverrideByRegexp("^5..$", overrides(fixed(failedColour)))
}

func memory() *timeseries.PanelBuilder {
	return newGraph("Memory", "Resident: what the machine gives the process. Heap: what is in use. From process_resident_memory_bytes and go_memstats_heap_inuse_bytes.", 12).
		WithTarget(overTime("A", "resident, "+targetLegend, ofTarget("process_resident_memory_bytes"))).
		WithTarget(overTime("B", "heap, "+targetLegend, ofTarget("go_memstats_heap_inuse_bytes"))).
		Unit("bytes")
}

func cpu() *timeseries.PanelBuilder {
	return newGraph("CPU", "Share of one core. From process_cpu_seconds_total.", 12).
		WithTarget(overTime("A", targetLegend, "rate("+ofTarget("process_cpu_seconds_total")+"[$__rate_interval])")).
		Unit(units.PercentUnit)
}

func goroutines() *timeseries.PanelBuilder {
	return newGraph("Goroutines", "A steady climb is a leak. From go_goroutines.", 12).
		WithTarget(overTime("A", targetLegend, ofTarget("go_goroutines"))).
		Unit(units.Short).Decimals(0)
}

func descriptors() *timeseries.PanelBuilder {
	return newGraph("Open file descriptors", "Connections to the API and from Prometheus, mostly. From process_open_fds.", 12).
		WithTarget(overTime("A", targetLegend, ofTarget("process_open_fds"))).
		Unit(units.Short).Decimals(0)
}
