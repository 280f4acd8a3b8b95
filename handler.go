package main

import (
	"net/http"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// newHandler serves all that the exporter serves.
func newHandler(exporter *collector.Exporter, f *flags, logger log.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+f.telemetryPath, newMetricsHandler(exporter, f, logger))
	mux.Handle("GET "+healthyPath, healthy())
	mux.Handle("GET "+readyPath, ready(exporter))
	mux.Handle("GET /{$}", &landing{statuses: exporter, telemetryPath: f.telemetryPath, logger: logger})
	return mux
}

func newMetricsHandler(exporter *collector.Exporter, f *flags, logger log.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		exporter,
		versioncollector.NewCollector(program),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: errorLog{logger},
		// One bad series must not cost the others.
		ErrorHandling:     promhttp.ContinueOnError,
		Registry:          registry,
		EnableOpenMetrics: true,
	})
	// The limit is around the wait for a refresh too; promhttp's own is not.
	limited := limit(f.maxRequests, &scrape{exporter: exporter, offset: f.timeoutOffset, metrics: metrics})
	return promhttp.InstrumentMetricHandler(registry, limited)
}
