package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Both is one scrape shown in both ways: it sends to a registry what Collect sends,
// and returns what Gather returns. Two scrapes could show two moments.
func (e *Exporter) Both(ch chan<- prometheus.Metric) (families []*dto.MetricFamily, done func()) {
	return e.gather(output{ch: ch, kept: e.exposition})
}
