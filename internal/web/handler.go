// Package web serves metrics, health and a landing page over HTTP.
package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

const (
	landingPath = "/"
	healthyPath = "/-/healthy"
	readyPath   = "/-/ready"
	reloadPath  = "/-/reload"
)

// TakenPaths returns the paths that the metrics cannot be served at.
func TakenPaths() []string { return []string{landingPath, healthyPath, readyPath, reloadPath} }

// Exporter is what is served.
type Exporter interface {
	prometheus.TransactionalGatherer
	refresher
	readiness
	statuses
	reloader
}

// refresher brings runs up to date and waits until ctx ends at most.
type refresher interface{ Refresh(ctx context.Context) }

// readiness reports whether the first refresh of each key has ended.
type readiness interface{ Ready() bool }

// reloader reads the configuration file again. Its error says why the file is not
// taken over.
type reloader interface{ Reload() error }

// statuses reports how each key is doing.
type statuses interface{ Status() []collector.Status }

// Config says how metrics are served.
type Config struct {
	// Program names the metric with the build information.
	Program string
	// TelemetryPath is where the metrics are; not one of TakenPaths.
	TelemetryPath string
	// TimeoutOffset is how long before the scraper's timeout an answer is due.
	TimeoutOffset time.Duration
	// MaxRequests is the most scrapes at once; 0 is no limit.
	MaxRequests int
}

// NewHandler returns a handler of all paths.
func NewHandler(exporter Exporter, config Config, logger log.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+config.TelemetryPath, newMetricsHandler(exporter, config, logger))
	mux.Handle("GET "+healthyPath, healthy())
	mux.Handle("GET "+readyPath, ready(exporter))
	mux.Handle("POST "+reloadPath, reload(exporter))
	mux.Handle("GET "+landingPath+"{$}", &landing{statuses: exporter, telemetryPath: config.TelemetryPath, logger: logger})
	return mux
}

func newMetricsHandler(exporter Exporter, config Config, logger log.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector(config.Program),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	// The exporter comes last: other scrapes wait from then on.
	all := prometheus.NewMultiTRegistry(prometheus.ToTransactionalGatherer(registry), exporter)
	metrics := promhttp.HandlerForTransactional(all, promhttp.HandlerOpts{
		ErrorLog: errorLog{logger},
		// One bad series must not cost the others.
		ErrorHandling:      promhttp.ContinueOnError,
		Registry:           registry,
		EnableOpenMetrics:  true,
		DisableCompression: true, // an answer does that, at less cost
	})
	// The limit also counts scrapes that wait for a refresh. That of promhttp
	// would not.
	limited := limit(config.MaxRequests, &scrape{exporter: exporter, offset: config.TimeoutOffset, metrics: metrics, logger: logger})
	return promhttp.InstrumentMetricHandler(registry, limited)
}

// errorLog logs the errors of promhttp.
type errorLog struct{ logger log.Logger }

var _ promhttp.Logger = errorLog{}

// Println implements promhttp.Logger. What promhttp writes to never fails, so that
// all its errors are those of metrics.
func (l errorLog) Println(v ...any) {
	text := strings.Join(strings.Fields(fmt.Sprintln(v...)), " ")
	_ = level.Error(l.logger).Log("msg", "some metrics are left out of this scrape", "err", text)
}

// limit answers 503 to requests beyond most at once; 0 is no limit.
func limit(most int, next http.Handler) http.Handler {
	if most == 0 {
		return next
	}
	slots := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			http.Error(w, fmt.Sprintf("%d scrapes are being served already, the most that --web.max-requests allows", most),
				http.StatusServiceUnavailable)
		}
	})
}

// healthy answers 200 as long as the process serves.
func healthy() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, "healthy\n")
	})
}

// ready answers 503 until the first refresh of each key has ended, with or
// without an error, and 200 from then on.
func ready(exporter readiness) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if exporter.Ready() {
			write(w, http.StatusOK, "ready\n")
			return
		}
		write(w, http.StatusServiceUnavailable, "not ready: the first refresh is under way\n")
	})
}

// reload answers 200 where the configuration file was taken over, also where there
// is none, and 500 with the reason where it was not.
func reload(exporter reloader) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := exporter.Reload(); err != nil {
			write(w, http.StatusInternalServerError, "not reloaded: "+err.Error()+"\n")
			return
		}
		write(w, http.StatusOK, "reloaded\n")
	})
}

func write(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text) // fails where the client is gone
}
