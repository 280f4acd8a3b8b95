package collector

import (
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// exposition is what a scrape shows, kept for the next one: all series, sorted as
// a registry sorts them. A scrape changes values, and adds and takes off few
// series, so that nothing is checked, hashed or sorted that was right before.
type exposition struct {
	mu       sync.Mutex // held from Gather until its done is called
	families []*family  // by the index of their metric
	byName   []*family
	own      *part // what the exporter shows of itself, for all keys
	keys     map[*tracker]*keptKey
	pairs    map[pairKey]*dto.LabelPair // of labels that have few values
	round    uint64                     // counts scrapes
	shown    []*dto.MetricFamily
}

type pairKey struct{ name, value string }

var familyTypes = map[string]dto.MetricType{
	"gauge": dto.MetricType_GAUGE, "counter": dto.MetricType_COUNTER, "histogram": dto.MetricType_HISTOGRAM,
}

func newExposition() *exposition {
	x := &exposition{keys: map[*tracker]*keptKey{}, pairs: map[pairKey]*dto.LabelPair{}}
	for _, m := range allMetrics {
		x.families = append(x.families, &family{shown: dto.MetricFamily{Name: &m.Name, Help: &m.Help, Type: familyTypes[m.Type].Enum()}})
	}
	x.own = &part{of: x}
	x.byName = slices.SortedFunc(slices.Values(x.families), func(a, b *family) int {
		return strings.Compare(a.shown.GetName(), b.shown.GetName())
	})
	return x
}

// begin begins a scrape, and end ends it: it takes off the keys that were not
// shown, and returns the families, which are valid until the next begin.
func (x *exposition) begin() { x.round++ }

func (x *exposition) end() []*dto.MetricFamily {
	for t, k := range x.keys {
		if k.round != x.round {
			k.reset()
			k.part.dropAll()
			delete(x.keys, t)
		}
	}
	x.shown = x.shown[:0]
	for _, f := range x.byName {
		f.merge()
		if len(f.series) > 0 {
			x.shown = append(x.shown, &f.shown)
		}
	}
	return x.shown
}

// fewValues are the labels with so few values that series share their pairs.
var fewValues = []string{"state", "window", "outcome", "stat", "reason"}

// pair returns a label pair. The name must not change later.
func (x *exposition) pair(name *string, value string) *dto.LabelPair {
	if !slices.Contains(fewValues, *name) {
		return &dto.LabelPair{Name: name, Value: &value}
	}
	key := pairKey{*name, value}
	if x.pairs[key] == nil {
		x.pairs[key] = &dto.LabelPair{Name: name, Value: &value}
	}
	return x.pairs[key]
}

// family is one metric family.
type family struct {
	shown   dto.MetricFamily
	series  []*series // sorted
	added   []*series // since the last scrape
	removed bool      // some of series are gone
}

// merge brings the series up to date.
func (f *family) merge() {
	if !f.removed && len(f.added) == 0 {
		return
	}
	isGone := func(s *series) bool { return s.gone }
	f.series, f.added = slices.DeleteFunc(f.series, isGone), slices.DeleteFunc(f.added, isGone)
	slices.SortFunc(f.added, (*series).compare)
	end := len(f.series)
	f.series = append(f.series, f.added...)
	for i, s := range slices.Backward(f.added) {
		at, _ := slices.BinarySearchFunc(f.series[:end], s, (*series).compare)
		copy(f.series[at+i+1:], f.series[at:end])
		f.series[at+i] = s
		end = at
	}
	clear(f.shown.Metric)
	f.shown.Metric = f.shown.Metric[:0]
	for _, s := range f.series {
		f.shown.Metric = append(f.shown.Metric, &s.shown)
	}
	f.added, f.removed = nil, false
}

// keptKey is what is kept of one key.
type keptKey struct {
	of      *exposition
	project string
	part    *part // of the key itself
	groups  map[history.GroupKey]*part
	tests   *part  // of the project's tests; nil before it is asked for
	round   uint64 // of the last scrape that showed the key
}

// key returns what is kept of a key, to be shown now with these labels.
func (x *exposition) key(t *tracker, team, project string) *keptKey {
	k := x.keys[t]
	if k == nil || k.part.team.GetValue() != team {
		if k != nil {
			k.reset()
			k.part.dropAll()
		}
		k = &keptKey{of: x, part: x.newPart([]string{"key"}, []string{t.name}, team), groups: map[history.GroupKey]*part{}}
		x.keys[t] = k
	}
	if k.project != project {
		k.reset()
	}
	k.project, k.round = project, x.round
	return k
}

// reset takes off all series of groups and tests.
func (k *keptKey) reset() {
	if k.tests != nil {
		k.tests.dropAll()
		k.tests = nil
	}
	for _, p := range k.groups {
		p.dropAll()
	}
	clear(k.groups)
}

// group returns the part of a group, and whether it must be emitted anew.
func (k *keptKey) group(g *group, c *groupCounters) (p *part, changed bool) {
	p = k.groups[g.key]
	if p == nil {
		p = k.of.newPart(runLabels(nil), []string{k.project, g.key.Branch, g.key.Environment}, k.part.team.GetValue())
		k.groups[g.key] = p
	}
	changed = p.group != g || p.counters != c || p.counted != c.changes
	p.group, p.counters, p.counted, p.round = g, c, c.changes, k.of.round
	return p, changed
}

// testsPart returns the part of the project's tests.
func (k *keptKey) testsPart() *part {
	if k.tests == nil {
		k.tests = k.of.newPart([]string{"project"}, []string{k.project}, k.part.team.GetValue())
	}
	return k.tests
}

// end takes off the groups that were not shown.
func (k *keptKey) end() {
	for key, p := range k.groups {
		if p.round != k.of.round {
			p.dropAll()
			delete(k.groups, key)
		}
	}
}

func (x *exposition) newPart(names, values []string, team string) *part {
	p := &part{of: x}
	for i := range names {
		p.owner = append(p.owner, &dto.LabelPair{Name: &names[i], Value: &values[i]})
	}
	if team != "" {
		p.team = &dto.LabelPair{Name: &teamLabel, Value: &team}
	}
	return p
}
