package collector

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// durationHistogram is the histogram of one group's durations, classic and native.
// It is a real one, because const metrics can be neither native with exemplars
// nor fed.
type durationHistogram struct{ prometheus.Histogram }

func newDurationHistogram() durationHistogram {
	return durationHistogram{prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: runDuration.Name, Help: runDuration.Help,
		Buckets:                        []float64{30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200},
		NativeHistogramBucketFactor:    1.1,
		NativeHistogramMaxBucketNumber: 100,
	})}
}

// observe adds the duration of a run, with the run as exemplar.
func (h durationHistogram) observe(r *history.Run) {
	exemplar := prometheus.Labels{"run_id": strconv.FormatInt(r.ID, 10)}
	h.Histogram.(prometheus.ExemplarObserver).ObserveWithExemplar(r.Seconds, exemplar)
}

// metric returns the histogram with the labels of its group.
func (h durationHistogram) metric(labels []string, created time.Time) prometheus.Metric {
	return groupHistogram{h, prometheus.MakeLabelPairs(runDuration.desc, labels), created}
}

type groupHistogram struct {
	durationHistogram
	labels  []*dto.LabelPair
	created time.Time
}

// Desc implements prometheus.Metric.
func (groupHistogram) Desc() *prometheus.Desc { return runDuration.desc }

// Write implements prometheus.Metric.
func (h groupHistogram) Write(out *dto.Metric) error {
	if err := h.Histogram.Write(out); err != nil {
		return err
	}
	out.Label = h.labels
	out.Histogram.CreatedTimestamp = timestamppb.New(h.created)
	return nil
}
