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
type durationHistogram struct{ seconds, milliseconds prometheus.Histogram }

func newDurationHistogram() durationHistogram {
	return durationHistogram{newHistogram(), newHistogram()}
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
func (h durationHistogram) observe(r *history.Run) {
	exemplar := prometheus.Labels{"run_id": strconv.FormatInt(r.ID, 10)}
	observe := func(in prometheus.Histogram, unit history.Unit) {
		in.(prometheus.ExemplarObserver).ObserveWithExemplar(unit.In(r.Duration), exemplar)
	}
	observe(h.seconds, history.Seconds)
	observe(h.milliseconds, history.Milliseconds)
}

// copy returns the histogram as it stands, in the unit that holds.
func (h durationHistogram) copy(unit history.Unit, created time.Time) *dto.Histogram {
	if unit == history.Milliseconds {
		return copyHistogram(h.milliseconds, created)
	}
	return copyHistogram(h.seconds, created)
}

func copyHistogram(histogram prometheus.Histogram, created time.Time) *dto.Histogram {
	var metric dto.Metric
	_ = histogram.Write(&metric) // never fails: it has no labels of its own
	metric.Histogram.CreatedTimestamp = timestamppb.New(created)
	return metric.GetHistogram()
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
