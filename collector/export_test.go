package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Both is one scrape shown in both ways: it sends to a registry what Collect sends,
// and returns what Gather returns. Two scrapes could show two moments.
func (e *Exporter) Both(ch chan<- prometheus.Metric) (families []*dto.MetricFamily, done func()) {
	return e.gather(output{ch: ch, kept: e.exposition})
}

// ResyncBegan returns when the last resync of a key began, which may still be under way.
func (e *Exporter) ResyncBegan(key string) time.Time {
	for _, t := range e.all() {
		if t.name == key {
			t.mu.Lock()
			defer t.mu.Unlock()
			return t.resynced
		}
	}
	return time.Time{}
}
