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
// them, labels in the order of their names. A histogram stands there as its
// count and its sum.
type exposition map[string]float64

// labels are labels by name. Where samples are looked for, they are some of a
// sample's labels.
type labels map[string]string

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

// gather returns what a scrape shows.
func gather(from prometheus.Gatherer) (exposition, error) {
	families, err := from.Gather()
	if err != nil {
		return nil, err
	}
	return expositionOf(families), nil
}

func expositionOf(families []*dto.MetricFamily) exposition {
	shown := exposition{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name, labels := family.GetName(), labelsOf(m)
			switch {
			case m.GetGauge() != nil:
				shown.set(m.GetGauge().GetValue(), name, labels)
			case m.GetCounter() != nil:
				shown.set(m.GetCounter().GetValue(), name, labels)
			case m.GetHistogram() != nil:
				shown.set(float64(m.GetHistogram().GetSampleCount()), name+"_count", labels)
				shown.set(m.GetHistogram().GetSampleSum(), name+"_sum", labels)
			}
		}
	}
	return shown
}

// labelsOf returns names and values in turn.
func labelsOf(m *dto.Metric) []string {
	var all []string
	for _, pair := range m.GetLabel() {
		all = append(all, pair.GetName(), pair.GetValue())
	}
	return all
}

// nameOf cuts the labels off a series.
func nameOf(series string) string {
	name, _, _ := strings.Cut(series, "{")
	return name
}

// has reports whether a series has these labels, among others.
func has(series string, some labels) bool {
	for name, value := range some {
		pair := name + "=" + strconv.Quote(value)
		if !strings.Contains(series, "{"+pair) && !strings.Contains(series, ","+pair) {
			return false
		}
	}
	return true
}

// only returns the samples of some families.
func (e exposition) only(names ...string) exposition {
	return e.keep(func(series string) bool { return slices.Contains(names, nameOf(series)) })
}

// with returns the samples of one family that have these labels, among others.
func (e exposition) with(name string, some labels) exposition {
	return e.keep(func(series string) bool { return strings.HasPrefix(series, name+"{") && has(series, some) })
}

// runGauges returns the gauges of runs: what a group shows but for counters.
func (e exposition) runGauges() exposition {
	return e.keep(func(series string) bool {
		name := nameOf(series)
		counts := strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_count") || strings.HasSuffix(name, "_sum")
		return !counts && strings.HasPrefix(series, name+"{branch=")
	})
}

func (e exposition) keep(kept func(series string) bool) exposition {
	some := exposition{}
	for series, value := range e {
		if kept(series) {
			some[series] = value
		}
	}
	return some
}

func (e exposition) sum() (sum float64) {
	for _, value := range e {
		sum += value
	}
	return sum
}

// mostFamilies is how many families diff speaks of.
const mostFamilies = 10

// diff says in what two expositions differ, in a line for each family that
// does: its first series and how many more there are. Empty says in nothing.
func diff(got, want exposition) string {
	differ := map[string][]string{}
	for series := range want {
		if g, ok := got[series]; !ok || !equal(series, g, want[series]) {
			differ[nameOf(series)] = append(differ[nameOf(series)], series)
		}
	}
	for series := range got {
		if _, ok := want[series]; !ok {
			differ[nameOf(series)] = append(differ[nameOf(series)], series)
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(differ)) {
		if len(lines) == mostFamilies {
			lines = append(lines, fmt.Sprintf("… and %d more families", len(differ)-mostFamilies))
			break
		}
		first := slices.Min(differ[name])
		line := fmt.Sprintf("%s: got %s, want %s", first, got.value(first), want.value(first))
		if more := len(differ[name]) - 1; more > 0 {
			line += fmt.Sprintf(" (and %d more series)", more)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// value returns a sample in words.
func (e exposition) value(series string) string {
	if value, ok := e[series]; ok {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	return "none"
}

// equal is exact, but for means: sums of float64 depend on the order of adding.
func equal(series string, got, want float64) bool {
	if strings.Contains(series, `stat="mean"`) {
		return math.Abs(got-want) <= 1e-12*math.Abs(want)
	}
	return got == want
}

// one returns the one series of a family that has these labels, among others.
func (e exposition) one(name string, some labels) (series string, err error) {
	found := slices.SortedFunc(maps.Keys(e.with(name, some)), cmp.Compare)
	switch n := len(found); n {
	case 0:
		return "", fmt.Errorf("no sample of %s%v", name, some)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("%d samples of %s%v, the first of them %s", n, name, some, found[0])
	}
}
