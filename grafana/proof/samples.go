package proof

import (
	"iter"
	"maps"
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// samples are those of a metric family, each with its labels, as Prometheus has them after a scrape.
func samples(family *dto.MetricFamily) iter.Seq2[map[string]string, float64] {
	return func(yield func(map[string]string, float64) bool) {
		for _, metric := range family.Metric {
			set := map[string]string{"job": job, "instance": instance, "cluster": cluster}
			for _, pair := range metric.Label {
				set[pair.GetName()] = pair.GetValue()
			}
			for suffix, value := range values(metric) {
				named := maps.Clone(set)
				name, le, isBucket := strings.Cut(suffix, "|")
				named["__name__"] = family.GetName() + name
				if isBucket {
					named["le"] = le
				}
				if !yield(named, value) {
					return
				}
			}
		}
	}
}

// values are those of one metric by what its name gets, a bucket's with its bound after a bar.
func values(metric *dto.Metric) map[string]float64 {
	histogram := metric.Histogram
	if histogram == nil {
		return map[string]float64{"": metric.GetGauge().GetValue() + metric.GetCounter().GetValue()}
	}
	all := map[string]float64{"_sum": histogram.GetSampleSum(), "_count": float64(histogram.GetSampleCount())}
	all["_bucket|+Inf"] = all["_count"]
	for _, bucket := range histogram.Bucket {
		all["_bucket|"+bound(bucket.GetUpperBound())] = float64(bucket.GetCumulativeCount())
	}
	return all
}

// bound is an upper bound as Prometheus spells it: 30.0.
func bound(value float64) string {
	text := strconv.FormatFloat(value, 'g', -1, 64)
	if value == math.Trunc(value) && !strings.Contains(text, "e") {
		text += ".0"
	}
	return text
}
