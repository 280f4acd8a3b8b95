package collector

import (
	"iter"
	"slices"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// group is all that is shown of the runs of one branch and environment. It does
// not change, and the runs that it points to are its own copies.
type group struct {
	key    history.GroupKey
	folded bool // of several group keys: its last run says nothing and is not shown

	states    [history.States]int
	oldest    [history.ActiveStates]*history.Run // by state
	windows   []statistics                       // in the order of the configured windows
	newest    *history.Run
	completed *history.Run // the newest completed run
	passed    *history.Run // the newest passed run
	streak    int
}

// statistics are sums over the runs of one window.
type statistics struct {
	outcomes  [history.Outcomes]int
	tests     history.Tests // of ended runs
	flakyRuns int
	errors    map[string]int // errored runs by the label value of their code
	durations sample         // of ended runs
	queued    sample         // from creation to start
}

// times are those of one window's runs, in seconds.
type times struct{ durations, queued []float64 }

// newGroup computes a group, and says how long it is right where its runs stay
// as they are.
func (f *folding) newGroup(k *keptGroup, now *groups) (*group, span) {
	g, holds := &group{key: k.key, folded: k.folded, windows: make([]statistics, len(f.config.Windows))}, always
	for _, m := range k.members {
		for r := range m.lookback() {
			g.add(r)
		}
	}
	for i, w := range f.config.Windows {
		f.times.durations, f.times.queued = f.times.durations[:0], f.times.queued[:0]
		for _, m := range k.members {
			for r := range m.from(holds.narrow(m.runs, now.at, w.Length)) {
				g.windows[i].add(r, &f.times, now)
			}
		}
		g.windows[i].durations, g.windows[i].queued = summarize(f.times.durations), summarize(f.times.queued)
	}
	if !k.folded {
		g.streak = k.members[0].streak()
	}
	g.copyRuns()
	return g, holds
}

// from returns the runs from a position on, oldest first.
func (m *member) from(first int) iter.Seq[*history.Run] {
	return func(yield func(*history.Run) bool) {
		for i := first; i < m.runs.Len(); i++ {
			if !yield(m.runs.Run(i)) {
				return
			}
		}
	}
}

// lookback returns the runs of the lookback, oldest first.
func (m *member) lookback() iter.Seq[*history.Run] { return m.from(m.first) }

// streak counts completed runs, from the newest back to one that passed.
func (m *member) streak() (runs int) {
	for i := m.runs.Len() - 1; i >= m.first; i-- {
		switch r := m.runs.Run(i); {
		case r.Outcome == history.OutcomePassed:
			return runs
		case r.Outcome.Completed():
			runs++
		}
	}
	return runs
}

// add takes a run of the lookback.
func (g *group) add(r *history.Run) {
	g.states[r.State]++
	if r.State.Active() && (g.oldest[r.State] == nil || g.oldest[r.State].Newer(r)) {
		g.oldest[r.State] = r
	}
	keepNewer(&g.newest, r)
	if r.Outcome.Completed() {
		keepNewer(&g.completed, r)
	}
	if r.Outcome == history.OutcomePassed {
		keepNewer(&g.passed, r)
	}
}

func keepNewer(newest **history.Run, r *history.Run) {
	if *newest == nil || r.Newer(*newest) {
		*newest = r
	}
}

// copyRuns copies the runs that are pointed to, which are valid only as long as
// the history's view.
func (g *group) copyRuns() {
	pointers := []**history.Run{&g.newest, &g.completed, &g.passed}
	for s := range g.oldest {
		pointers = append(pointers, &g.oldest[s])
	}
	for _, r := range pointers {
		if *r != nil {
			kept := **r
			*r = &kept
		}
	}
}

// add takes a run of the window.
func (s *statistics) add(r *history.Run, into *times, of *groups) {
	if seconds, ok := r.Queued(); ok {
		into.queued = append(into.queued, seconds)
	}
	if !r.Outcome.Finished() {
		return
	}
	s.outcomes[r.Outcome]++
	if r.Outcome == history.OutcomeError {
		if s.errors == nil {
			s.errors = map[string]int{}
		}
		s.errors[of.codes.label(r.Code.Value())]++
	}
	if r.State != history.Ended {
		return
	}
	s.tests.Add(r.Tests)
	if r.Tests.Flaky > 0 {
		s.flakyRuns++
	}
	if r.Duration >= 0 {
		into.durations = append(into.durations, of.unit.In(r.Duration))
	}
}

// sample is what some times come to, in seconds.
type sample struct {
	count               int
	mean, p50, p90, max float64
}

// summarize computes the mean, the percentiles (nearest rank) and the maximum.
// It sorts the times.
func summarize(seconds []float64) sample {
	count := len(seconds)
	if count == 0 {
		return sample{}
	}
	slices.Sort(seconds)
	var sum float64 // of the sorted, so that it comes out the same everywhere
	for _, s := range seconds {
		sum += s
	}
	rank := func(percent int) float64 { return seconds[(count*percent+99)/100-1] }
	return sample{count: count, mean: sum / float64(count), p50: rank(50), p90: rank(90), max: seconds[count-1]}
}
