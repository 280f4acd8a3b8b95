package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Both shows one scrape in both ways: what Collect sends to a registry, and what
// Gather returns. A scrape may end a hold, so that a second one shows another
// moment. See Gather for done.
func (e *Exporter) Both(ch chan<- prometheus.Metric) (families []*dto.MetricFamily, done func()) {
	e.exposition.mu.Lock()
	e.exposition.begin()
	e.show(output{ch: ch, kept: e.exposition})
	return e.exposition.end(), e.exposition.mu.Unlock
}
