package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/web"
)

// BenchmarkScrape gathers and encodes what is held, with nothing new, as Prometheus 3
// asks for it.
func BenchmarkScrape(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("groups=200/runs=%d", n), func(b *testing.B) { benchmarkScrape(b, 1, n, 200, "identity") })
	}
	for _, groups := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("groups=%d/runs=100000", groups), func(b *testing.B) { benchmarkScrape(b, 1, 100_000, groups, "identity") })
	}
	for _, projects := range []int{1, 10, 50, 200} {
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("projects=%d/%s", projects, encoding), func(b *testing.B) { benchmarkScrape(b, projects, 2_400, 70, encoding) })
		}
	}
}

// benchmarkScrape is of some projects, each with so many runs and groups.
func benchmarkScrape(b *testing.B, projects, runs, groups int, encoding string) {
	b.Helper()
	e := newExporter(b, api{projects: projects, runs: runs, groups: groups, state: true}.start(b), projects)
	refreshed(b, e)
	handler := newHandler(e, e)
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", openMetrics)
	request.Header.Set("Accept-Encoding", encoding)
	scrape(b, handler, request) // the first one makes all series
	b.ReportAllocs()
	began := cpu(b)
	b.ResetTimer()
	for b.Loop() {
		scrape(b, handler, request)
	}
	report(b, began)
	b.ReportMetric(float64(series(b, e)), "series")
	b.ReportMetric(resident(b), "MiB-resident")
	b.ReportMetric(float64(scrape(b, handler, request))/(1<<20), "MiB-answer")
	b.ReportMetric(requests(b, e), "requests-first-read")
}

// BenchmarkGatherNothingNew brings what is kept up to a scrape, with nothing new and
// without encoding: it must make next to no garbage.
func BenchmarkGatherNothingNew(b *testing.B) {
	e := newExporter(b, api{projects: 50, runs: 2_400, groups: 70, state: true}.start(b), 50)
	refreshed(b, e)
	series(b, e)
	b.ReportAllocs()
	began := cpu(b)
	b.ResetTimer()
	for b.Loop() {
		_, done, _ := e.Gather()
		done()
	}
	report(b, began)
}

// textFormat is how Prometheus 2 and vmagent ask for text. Prometheus 3 asks for
// version 1.0.0, which expfmt does not have: it answers the same. As no names in
// UTF-8 were asked for, expfmt looks at all names once more.
const textFormat = "text/plain;version=0.0.4"

// openMetrics is what Prometheus 3 prefers, unless it is told to read native histograms.
const openMetrics = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"

// accepted are the formats that Prometheus servers ask for.
var accepted = []struct{ name, accept string }{
	{"text", textFormat},
	{"OpenMetrics", openMetrics},
	{"protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8"},
}

// BenchmarkGather compares a scrape of what the exporter keeps with one of a
// registry that collects from the same exporter, in turns.
func BenchmarkGather(b *testing.B) {
	for _, size := range []struct{ projects, runs, groups int }{{1, 100_000, 200}, {50, 2_400, 70}} {
		b.Run(fmt.Sprintf("projects=%d/groups=%d/runs=%d", size.projects, size.groups, size.runs), func(b *testing.B) {
			e := newExporter(b, api{projects: size.projects, runs: size.runs, groups: size.groups, state: true}.start(b), size.projects)
			refreshed(b, e)
			for _, format := range accepted {
				for _, encoding := range []string{"identity", "gzip"} {
					b.Run(format.name+"/"+encoding, func(b *testing.B) { compareGathering(b, e, format.accept, encoding) })
				}
			}
		})
	}
}

func compareGathering(b *testing.B, e *collector.Exporter, accept, encoding string) {
	b.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	kept, collected := newHandler(e, e), newHandler(e, prometheus.ToTransactionalGatherer(registry))
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	scrape(b, kept, request)
	var gathering, collecting time.Duration
	for b.Loop() {
		began := cpu(b)
		scrape(b, kept, request)
		between := cpu(b)
		scrape(b, collected, request)
		gathering, collecting = gathering+between-began, collecting+cpu(b)-between
	}
	b.ReportMetric(float64(gathering.Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(collecting.Microseconds())/1000/float64(b.N), "registry-cpu-ms/op")
	b.ReportMetric(float64(gathering)/float64(collecting), "×registry")
	b.ReportMetric(float64(series(b, e)), "series")
	b.ReportMetric(resident(b), "MiB-resident")
}

// served is an exporter as the web server has it. It never refreshes.
type served struct {
	*collector.Exporter

	gatherer prometheus.TransactionalGatherer
}

// Refresh implements web.Exporter.
func (served) Refresh(context.Context) {}

// Reload implements web.Exporter.
func (served) Reload() error { return nil }

// Gather implements web.Exporter.
func (s served) Gather() ([]*dto.MetricFamily, func(), error) { return s.gatherer.Gather() }

func newHandler(e *collector.Exporter, gatherer prometheus.TransactionalGatherer) http.Handler {
	return web.NewHandler(served{e, gatherer}, web.Config{Program: "bench", TelemetryPath: "/metrics"}, log.NewNopLogger())
}

// scrape does what a scraper makes the exporter do, but for sending. It returns the
// size of the answer in bytes.
func scrape(b *testing.B, handler http.Handler, request *http.Request) int {
	b.Helper()
	w := discard{header: http.Header{}}
	handler.ServeHTTP(&w, request)
	if w.code != http.StatusOK || w.size == 0 {
		b.Fatalf("status %d and %d bytes", w.code, w.size)
	}
	return w.size
}

// discard is an answer of which only the size is kept.
type discard struct {
	header http.Header
	code   int
	size   int
}

// Header implements http.ResponseWriter.
func (d *discard) Header() http.Header { return d.header }

// WriteHeader implements http.ResponseWriter.
func (d *discard) WriteHeader(code int) { d.code = code }

// Write implements http.ResponseWriter.
func (d *discard) Write(p []byte) (int, error) {
	d.size += len(p)
	return len(p), nil
}

// series returns how many series a scrape shows, a histogram being one.
func series(b *testing.B, e *collector.Exporter) (n int) {
	b.Helper()
	families, done, err := e.Gather()
	defer done()
	if err != nil {
		b.Fatal(err)
	}
	for _, family := range families {
		n += len(family.GetMetric())
	}
	return n
}
