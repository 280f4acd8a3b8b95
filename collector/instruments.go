package collector

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// noAnswer is the label value code of a request that got no answer.
const noAnswer = "error"

// instruments count what the exporter itself does, for all keys.
type instruments struct {
	refreshes, failures, requests, refused *prometheus.CounterVec
	requestDuration                        *prometheus.HistogramVec
}

func newInstruments() *instruments {
	return &instruments{
		refreshes: counterVec(refreshesTotal),
		failures:  counterVec(failuresTotal),
		requests:  counterVec(requestsTotal),
		refused:   counterVec(refusedRunsTotal),
		requestDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: requestDuration.Name, Help: requestDuration.Help,
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, requestDuration.Labels),
	}
}

func counterVec(m *Metric) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.Labels)
}

// initSeries makes all series of a key that are known in advance, at 0.
func (in *instruments) initSeries(key string) {
	in.refreshes.WithLabelValues(key)
	in.requests.WithLabelValues(key, "200")
	in.requests.WithLabelValues(key, noAnswer)
	in.requestDuration.WithLabelValues(key)
	for _, reason := range reasons {
		in.failures.WithLabelValues(key, string(reason))
	}
	for _, reason := range apiclient.RefusalReasons() {
		in.refused.WithLabelValues(key, string(reason))
	}
}

// observe returns what counts the requests of a key.
func (in *instruments) observe(key string) func(apiclient.Attempt) {
	return func(a apiclient.Attempt) {
		code := noAnswer
		if a.Status != 0 {
			code = strconv.Itoa(a.Status)
		}
		in.requests.WithLabelValues(key, code).Inc()
		in.requestDuration.WithLabelValues(key).Observe(a.Duration.Seconds())
	}
}

func (in *instruments) countRefused(key string, refused *history.Refusals) {
	for _, refusal := range refused.All() {
		in.refused.WithLabelValues(key, string(refusal.Reason)).Inc()
	}
}

func (in *instruments) collect(ch chan<- prometheus.Metric) {
	for _, c := range []prometheus.Collector{in.refreshes, in.failures, in.requests, in.refused, in.requestDuration} {
		c.Collect(ch)
	}
}
