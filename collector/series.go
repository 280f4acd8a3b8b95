package collector

import (
	"cmp"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// series is one series of the exposition that is kept between scrapes.
type series struct {
	metric *Metric
	shown  dto.Metric
	value  float64 // of a gauge or counter; shown points to it
	gone   bool
}

// compare puts series of one family in the order in which a registry has them.
func (s *series) compare(other *series) int {
	a, b := s.shown.Label, other.shown.Label
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] { // many share a pair
			if c := strings.Compare(a[i].GetValue(), b[i].GetValue()); c != 0 {
				return c
			}
		}
	}
	return 0
}

// layout is where the labels of a metric stand in a series: by name.
type layout struct {
	names     []string // as the metric has them, and team where it is asked for
	positions []int    // of each name among the sorted names
}

func newLayout(names []string) layout {
	sorted := slices.Sorted(slices.Values(names))
	l := layout{names: names, positions: make([]int, len(names))}
	for i, name := range names {
		l.positions[i] = slices.Index(sorted, name)
	}
	return l
}

// part is the series of one group or of one key, in the order in which they are
// emitted. Nearly always the same are emitted again, with the same labels: then
// only values change, and there is no garbage.
type part struct {
	of     *exposition
	owner  []*dto.LabelPair // project, branch, environment; or key
	team   *dto.LabelPair   // nil is no such label
	series []*series
	next   int // of the series, to be emitted

	created   time.Time // that was last turned into a timestamp
	timestamp *timestamppb.Timestamp

	// Of the part of a group: what was last emitted, and the last scrape that
	// showed it.
	group    *group
	counters *groupCounters
	counted  int // changes of the counters
	round    uint64
}

// take returns the series of a metric with these labels beside the owner's. It
// takes off those between the last one and this.
func (p *part) take(m *Metric, more []string) *series {
	for i := p.next; i < len(p.series); i++ {
		if p.is(p.series[i], m, more) {
			p.drop(p.next, i)
			p.next++
			return p.series[p.next-1]
		}
	}
	s := p.newSeries(m, more)
	p.series = slices.Insert(p.series, p.next, s)
	p.next++
	f := p.of.families[m.index]
	f.added = append(f.added, s)
	return s
}

// is reports whether a series of this part is of a metric with these labels.
func (p *part) is(s *series, m *Metric, more []string) bool {
	if s.metric != m {
		return false
	}
	positions := m.layout(p.team != nil).positions[len(p.owner):]
	for i, value := range more {
		if s.shown.Label[positions[i]].GetValue() != value {
			return false
		}
	}
	return true
}

// drop takes series off, from one position to before another.
func (p *part) drop(from, to int) {
	for _, s := range p.series[from:to] {
		s.gone = true
		p.of.families[s.metric.index].removed = true
	}
	p.series = slices.Delete(p.series, from, to)
}

// begin begins to emit all series.
func (p *part) begin() { p.next = 0 }

// end takes off those that were not emitted.
func (p *part) end() { p.drop(p.next, len(p.series)) }

func (p *part) dropAll() { p.drop(0, len(p.series)) }

func (p *part) newSeries(m *Metric, more []string) *series {
	l := m.layout(p.team != nil)
	s := allocate(m, len(l.names))
	for i := range l.names {
		pair := p.team
		switch own := len(p.owner); {
		case i < own:
			pair = p.owner[i]
		case i < own+len(more):
			pair = p.of.pair(&l.names[i], more[i-own])
		}
		s.shown.Label[l.positions[i]] = pair
	}
	return s
}

// maxLabels is the most that a series has, team included; allocate takes more too.
const maxLabels = 6

// wholeSeries is a series with all that it points to and has for itself.
type wholeSeries[T any] struct {
	series

	shows  T
	labels [maxLabels]*dto.LabelPair
}

// allocate returns a series with room for so many labels. All of it is one
// allocation: a scrape of many series takes most of its time to reach them in
// memory.
func allocate(m *Metric, labels int) *series {
	var s *series
	var room []*dto.LabelPair
	switch m.Type {
	case "gauge":
		whole := &wholeSeries[dto.Gauge]{}
		s, room = &whole.series, whole.labels[:]
		whole.shows.Value = &s.value
		s.shown.Gauge = &whole.shows
	case "counter":
		whole := &wholeSeries[dto.Counter]{}
		s, room = &whole.series, whole.labels[:]
		whole.shows.Value = &s.value
		s.shown.Counter = &whole.shows
	default:
		s = &series{}
	}
	if labels > len(room) {
		room = make([]*dto.LabelPair, labels)
	}
	s.metric, s.shown.Label = m, room[:labels]
	return s
}

// createdAt returns a moment as a created timestamp. Nearly all counters of a part
// have the same.
func (p *part) createdAt(created time.Time) *timestamppb.Timestamp {
	if p.timestamp == nil || !created.Equal(p.created) {
		p.created, p.timestamp = created, timestamppb.New(created)
	}
	return p.timestamp
}
