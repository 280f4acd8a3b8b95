package check

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// count adds what a scrape now shows of each key: its series, and how many items
// were refused.
func (c *checker) count(facts []*Facts) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(c.exporter)
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	ofKey, ofProject := map[string]*Facts{}, map[string]*Facts{}
	for i, key := range c.keys {
		ofKey[key.Name] = facts[i]
		if slug := facts[i].Project.Slug; slug != "" {
			ofProject[history.LabelValue(slug)] = facts[i]
		}
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			f := ofKey[labels["key"]]
			if f == nil {
				f = ofProject[labels["project"]]
			}
			if f == nil {
				continue // go_ and process_ metrics
			}
			f.Metrics.Series += series(m)
			if n := int(m.GetCounter().GetValue()); family.GetName() == "empirical_exporter_refused_runs_total" && n > 0 {
				f.Runs.Refused[labels["reason"]] = n
			}
		}
	}
	return nil
}

// series returns how many series Prometheus makes of a metric: of a histogram one
// for each bucket, the last one included, its sum and its count.
func series(m *dto.Metric) int {
	if h := m.GetHistogram(); h != nil {
		return len(h.GetBucket()) + 3
	}
	return 1
}
