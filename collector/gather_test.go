package collector_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// formats are those in which a scraper may want an exposition.
var formats = []expfmt.FormatType{expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim}

// instruments are the families that change while refreshes and resyncs go on beside
// a scrape, even between the two ways of one.
var instruments = []string{
	"empirical_exporter_api_requests_total", "empirical_exporter_api_request_duration_seconds", "empirical_exporter_refused_runs_total",
	"empirical_exporter_refreshes_total", "empirical_exporter_refresh_failures_total",
}

// bothRegistry is a registry of an exporter, and at each scrape wants what it
// gathers to be, byte for byte, what the exporter gathers by itself.
type bothRegistry struct {
	tb       *testbed
	exporter *collector.Exporter
	registry *prometheus.Registry

	mu      sync.Mutex
	scrapes int    // they are compared in one format each, in turn
	encoded string // what the exporter gathered by itself
}

func newBothRegistry(tb *testbed, registry *prometheus.Registry) *bothRegistry {
	tb.Helper()
	b := &bothRegistry{tb: tb, exporter: tb.exporter, registry: registry}
	registry.MustRegister(b)
	return b
}

// Describe implements prometheus.Collector.
func (b *bothRegistry) Describe(ch chan<- *prometheus.Desc) { b.exporter.Describe(ch) }

// Collect implements prometheus.Collector.
func (b *bothRegistry) Collect(ch chan<- prometheus.Metric) {
	families, done := b.exporter.Both(ch)
	defer done()
	b.encoded = b.encode(families)
}

// Gather implements prometheus.Gatherer.
func (b *bothRegistry) Gather() ([]*dto.MetricFamily, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	families, err := b.registry.Gather()
	if err != nil {
		return families, err
	}
	if want := b.encode(families); b.encoded != want {
		b.tb.Errorf("%v: gathered by the exporter and by a registry:\n%s", b.format(), firstDifference(b.encoded, want))
	}
	b.scrapes++
	return families, nil
}

func (b *bothRegistry) format() expfmt.FormatType { return formats[b.scrapes%len(formats)] }

func (b *bothRegistry) encode(families []*dto.MetricFamily) string {
	var out bytes.Buffer
	encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(b.format()), expfmt.WithCreatedLines())
	for _, family := range families {
		if !b.tb.quiet && slices.Contains(instruments, family.GetName()) {
			continue
		}
		if err := encoder.Encode(family); err != nil {
			b.tb.Error(err)
		}
	}
	return out.String()
}

// firstDifference is in what two texts differ first.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("got  %q\nwant %q", a[i], b[i])
		}
	}
	return "one is longer"
}
