package collector

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// durationHistogram is the histogram of one group's durations, classic and
// native. It counts every duration in both units, because which one the API
// means may turn out later.
//
// Its parts are real histograms: const metrics can be neither native with
// exemplars nor fed.
type durationHistogram struct{ seconds, milliseconds copiedHistogram }

func newDurationHistogram() *durationHistogram {
	return &durationHistogram{copiedHistogram{histogram: newHistogram()}, copiedHistogram{histogram: newHistogram()}}
}

func newHistogram() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: runDuration.Name, Help: runDuration.Help,
		Buckets:                        []float64{30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200},
		NativeHistogramBucketFactor:    1.1,
		NativeHistogramMaxBucketNumber: 100,
	})
}

// observe adds the duration of a run, with the run as exemplar.
func (h *durationHistogram) observe(r *history.Run) {
	exemplar := prometheus.Labels{"run_id": strconv.FormatInt(r.ID, 10)}
	h.seconds.observe(history.Seconds.In(r.Duration), exemplar)
	h.milliseconds.observe(history.Milliseconds.In(r.Duration), exemplar)
}

// in returns the histogram of one unit.
func (h *durationHistogram) in(unit history.Unit) *copiedHistogram {
	if unit == history.Milliseconds {
		return &h.milliseconds
	}
	return &h.seconds
}

// copiedHistogram is a histogram with its last copy. Copying one costs much more
// than the rest of a scrape, and most have observed nothing new. It is not safe
// for concurrent use.
type copiedHistogram struct {
	histogram prometheus.Histogram
	last      *dto.Histogram // nil where something has been observed since
}

func (h *copiedHistogram) observe(value float64, exemplar prometheus.Labels) {
	h.histogram.(prometheus.ExemplarObserver).ObserveWithExemplar(value, exemplar)
	h.last = nil
}

// copy returns the histogram as it stands. The copy does not change later.
func (h *copiedHistogram) copy(created time.Time) *dto.Histogram {
	if h.last == nil || !h.last.GetCreatedTimestamp().AsTime().Equal(created) {
		var metric dto.Metric
		_ = h.histogram.Write(&metric) // never fails: it has no labels of its own
		metric.Histogram.CreatedTimestamp = timestamppb.New(created)
		h.last = metric.GetHistogram()
	}
	return h.last
}

// histogramMetric is a copy of a histogram with the labels of its group or key.
type histogramMetric struct {
	desc      *prometheus.Desc
	histogram *dto.Histogram
	labels    []*dto.LabelPair
}

// Desc implements prometheus.Metric.
func (h histogramMetric) Desc() *prometheus.Desc { return h.desc }

// Write implements prometheus.Metric.
func (h histogramMetric) Write(out *dto.Metric) error {
	proto.Reset(out)
	out.Label, out.Histogram = h.labels, h.histogram
	return nil
}
