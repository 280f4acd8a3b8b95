package collector_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// exposition is a set of samples, by name and labels as the text format writes
// them, labels in the order of their names.
type exposition map[string]float64

// set adds a sample. Labels are names and values in turn.
func (e exposition) set(value float64, name string, labels []string) {
	pairs := make([]string, 0, len(labels)/2)
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+"="+strconv.Quote(labels[i+1]))
	}
	slices.Sort(pairs)
	series := name + "{" + strings.Join(pairs, ",") + "}"
	if _, twice := e[series]; twice {
		panic("series set twice: " + series)
	}
	e[series] = value
}

// gather returns what a scrape shows: the gauges of runs, and all else that is
// a single number. A histogram is shown by its count and sum.
func gather(from prometheus.Gatherer) (runGauges, others exposition, err error) {
	families, err := from.Gather()
	if err != nil {
		return nil, nil, err
	}
	runGauges, others = exposition{}, exposition{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name, labels := family.GetName(), labelsOf(m)
			switch {
			case m.GetGauge() != nil && slices.Contains(labels, "branch"):
				runGauges.set(m.GetGauge().GetValue(), name, labels)
			case m.GetGauge() != nil:
				others.set(m.GetGauge().GetValue(), name, labels)
			case m.GetCounter() != nil:
				others.set(m.GetCounter().GetValue(), name, labels)
			case m.GetHistogram() != nil:
				others.set(float64(m.GetHistogram().GetSampleCount()), name+"_count", labels)
				others.set(m.GetHistogram().GetSampleSum(), name+"_sum", labels)
			}
		}
	}
	return runGauges, others, nil
}

func labelsOf(m *dto.Metric) []string {
	var all []string
	for _, pair := range m.GetLabel() {
		all = append(all, pair.GetName(), pair.GetValue())
	}
	return all
}

// diff tells in what two expositions differ; "" is in nothing.
func diff(got, want exposition) string {
	var lines []string
	for series, w := range want {
		if g, ok := got[series]; !ok {
			lines = append(lines, fmt.Sprintf("%s: want %v, got none", series, w))
		} else if !equal(series, g, w) {
			lines = append(lines, fmt.Sprintf("%s: want %v, got %v", series, w, g))
		}
	}
	for series, g := range got {
		if _, ok := want[series]; !ok {
			lines = append(lines, fmt.Sprintf("%s: want none, got %v", series, g))
		}
	}
	slices.Sort(lines)
	const most = 20
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("… %d more", n-most))
	}
	return strings.Join(lines, "\n")
}

// equal is exact, but for means: sums of float64 depend on the order of adding.
func equal(series string, got, want float64) bool {
	if strings.Contains(series, `stat="mean"`) {
		return math.Abs(got-want) <= 1e-12*math.Abs(want)
	}
	return got == want
}

// only returns the samples of some families.
func (e exposition) only(names ...string) exposition {
	kept := maps.Clone(e)
	maps.DeleteFunc(kept, func(series string, _ float64) bool {
		name, _, _ := strings.Cut(series, "{")
		return !slices.Contains(names, name)
	})
	return kept
}

// value returns the one sample that has all of these parts.
func (e exposition) value(parts ...string) (float64, error) {
	var found []string
	for series := range e {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(series, part) }) {
			found = append(found, series)
		}
	}
	if len(found) != 1 {
		slices.SortFunc(found, cmp.Compare)
		return 0, fmt.Errorf("want one series with %q, got %d: %q", parts, len(found), found)
	}
	return e[found[0]], nil
}
