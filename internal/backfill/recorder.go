package backfill

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// recorder keeps what all series come to at the moments of one block of Prometheus'
// storage, and writes it in the order that OpenMetrics wants: family by family, and
// each series with all its samples. Of a series it keeps only where it changes.
type recorder struct {
	labels   []Label
	out      *output
	families map[*collector.Metric]*family
	sorted   []*family // by name
	block    time.Time // of the moments
	steps    [][]byte  // the moments, as they end a line of the file
	recorded uint64    // groups so far
	samples  int64     // written so far

	// Memory that is used again and again.
	value, text []byte
}

// family is one metric family.
type family struct {
	head   []byte // HELP and TYPE
	metric *collector.Metric
	series []*series // in the order in which they came
}

// series is one series at the moments that are kept.
type series struct {
	group    *groupSeries
	text     []byte // name and labels, and a blank
	key      string // by which its group finds it
	gauge    collector.PastGauge
	position int    // in the order of its group
	recorded uint64 // when its group had it last
	changes  []change
}

// change says what a series is from a step on.
type change struct {
	step  int
	value float64
	shown bool
}

// groupSeries are the series of a group, as far as they have samples at the moments
// that are kept.
type groupSeries struct {
	project     *project
	key         history.GroupKey
	byKey       map[string]*series
	order, next []*series // as they were last recorded; as they are being recorded
}

func newRecorder(labels []Label, out *output) *recorder {
	return &recorder{labels: labels, out: out, families: map[*collector.Metric]*family{}}
}

// begin begins a moment. Those before it are written where it is of another block.
func (r *recorder) begin(ctx context.Context, at time.Time) error {
	if block := at.Truncate(blockLength); !block.Equal(r.block) {
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.block = block
	}
	r.steps = append(r.steps, append(strconv.AppendInt(nil, at.Unix(), 10), '\n'))
	return nil
}

// record notes what a group of a project shows from this moment on.
func (r *recorder) record(p *project, changed collector.PastGroup) {
	g := p.series[changed.Key]
	if g == nil {
		g = &groupSeries{project: p, key: changed.Key, byKey: map[string]*series{}}
		p.series[changed.Key] = g
	}
	r.recorded++
	step, likely := len(r.steps)-1, 0
	for i := range changed.Gauges {
		gauge := &changed.Gauges[i]
		s := g.find(gauge, likely)
		if s == nil {
			s = r.newSeries(g, gauge)
		} else {
			likely = s.position + 1
		}
		s.set(change{step, gauge.Value, true})
		s.recorded = r.recorded
		g.next = append(g.next, s)
	}
	for _, s := range g.order {
		if s.recorded != r.recorded {
			s.set(change{step: step})
		}
	}
	g.order, g.next = g.next, g.order[:0]
	for i, s := range g.order {
		s.position = i
	}
}

// find returns the series of a gauge, nil where there is none. Most likely it stands
// at a position of the order before.
func (g *groupSeries) find(gauge *collector.PastGauge, likely int) *series {
	if likely < len(g.order) && g.order[likely].is(gauge) {
		return g.order[likely]
	}
	return g.byKey[keyOf(gauge)]
}

func (s *series) is(gauge *collector.PastGauge) bool {
	return s.gauge.Metric == gauge.Metric && slices.Equal(s.gauge.Labels, gauge.Labels)
}

func keyOf(gauge *collector.PastGauge) string {
	return gauge.Metric.Name + "\xff" + strings.Join(gauge.Labels, "\xff") // which is in no label value
}

// set notes a change, unless it is none.
func (s *series) set(c change) {
	n := len(s.changes)
	if n > 0 && s.changes[n-1].step == c.step {
		s.changes[n-1] = c
		return
	}
	if n == 0 || s.changes[n-1].value != c.value || s.changes[n-1].shown != c.shown {
		s.changes = append(s.changes, c)
	}
}

func (r *recorder) newSeries(g *groupSeries, gauge *collector.PastGauge) *series {
	s := &series{group: g, key: keyOf(gauge), gauge: *gauge, text: []byte(gauge.Metric.Name)}
	values := append([]string{g.project.slug, g.key.Branch, g.key.Environment}, gauge.Labels...)
	labels := make([]Label, 0, len(values)+1+len(r.labels))
	for i, name := range gauge.Metric.Labels {
		labels = append(labels, Label{name, values[i]})
	}
	if team := g.project.key.Settings.Team; team != "" {
		labels = append(labels, Label{"team", history.LabelValue(team)})
	}
	for i, l := range append(labels, r.labels...) {
		s.text = append(s.text, "{,"[min(i, 1)])
		s.text = append(append(append(s.text, l.Name...), `="`...), escape(l.Value)...)
		s.text = append(s.text, '"')
	}
	s.text = append(s.text, "} "...)
	g.byKey[s.key] = s
	f := r.family(gauge.Metric)
	f.series = append(f.series, s)
	return s
}

func (r *recorder) family(m *collector.Metric) *family {
	f := r.families[m]
	if f == nil {
		f = &family{metric: m, head: []byte("# HELP " + m.Name + " " + escape(m.Help) + "\n# TYPE " + m.Name + " " + m.Type + "\n")}
		r.families[m] = f
		r.sorted = append(r.sorted, f)
		slices.SortFunc(r.sorted, func(a, b *family) int { return cmp.Compare(a.metric.Name, b.metric.Name) })
	}
	return f
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace

// flush writes the moments that are kept, and forgets them.
func (r *recorder) flush(ctx context.Context) error {
	for _, f := range r.sorted {
		if err := r.writeFamily(ctx, f); err != nil {
			return err
		}
	}
	r.steps = r.steps[:0]
	return nil
}

// writeFamily writes one family, and leaves of it the series that go on.
func (r *recorder) writeFamily(ctx context.Context, f *family) error {
	if slices.ContainsFunc(f.series, (*series).shown) {
		if err := r.out.begin(r.block); err != nil {
			return err
		}
		if _, err := r.out.Write(f.head); err != nil {
			return err
		}
	}
	for _, s := range f.series {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err := r.writeSeries(s); err != nil {
			return err
		}
	}
	f.series = slices.DeleteFunc(f.series, func(s *series) bool { return !s.goOn() })
	return nil
}

func (r *recorder) writeSeries(s *series) error {
	r.text = r.text[:0]
	for i, c := range s.changes {
		if !c.shown {
			continue
		}
		until := len(r.steps)
		if i+1 < len(s.changes) {
			until = s.changes[i+1].step
		}
		r.value = append(appendValue(append(r.value[:0], s.text...), c.value), ' ')
		for _, moment := range r.steps[c.step:until] {
			r.text = append(append(r.text, r.value...), moment...)
		}
		r.samples += int64(until - c.step)
	}
	_, err := r.out.Write(r.text)
	return err
}

// shown reports whether there are samples to be written.
func (s *series) shown() bool {
	return slices.ContainsFunc(s.changes, func(c change) bool { return c.shown })
}

// goOn makes a series ready for the next moments. It reports whether it is there.
func (s *series) goOn() bool {
	last := s.changes[len(s.changes)-1]
	if !last.shown {
		delete(s.group.byKey, s.key)
		if len(s.group.byKey) == 0 {
			delete(s.group.project.series, s.group.key)
		}
		return false
	}
	last.step = 0
	s.changes = append(s.changes[:0], last)
	return true
}

// appendValue writes a value in as few digits as say it exactly.
func appendValue(b []byte, value float64) []byte {
	if math.Abs(value) < 1e21 {
		return strconv.AppendFloat(b, value, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, value, 'g', -1, 64)
}
