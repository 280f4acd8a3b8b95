package collector

import (
	"slices"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// group is all that is shown of the runs of one branch and environment. The
// runs that it points to are its own copies once it is finished.
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

// add takes a run of the lookback.
func (g *group) add(r *history.Run, of *groups) {
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
	for i, start := range of.starts {
		if r.Created > start {
			g.windows[i].add(r, of)
		}
	}
}

func keepNewer(newest **history.Run, r *history.Run) {
	if *newest == nil || r.Newer(*newest) {
		*newest = r
	}
}

// addToStreak counts a run that did not pass and is newer than the newest that
// did. All runs have been added before.
func (g *group) addToStreak(r *history.Run) {
	if r.Outcome.Completed() && r.Outcome != history.OutcomePassed && (g.passed == nil || r.Newer(g.passed)) {
		g.streak++
	}
}

// finish copies the runs that are pointed to, which are valid only as long as
// the history's view, and sums up the durations.
func (g *group) finish() {
	for _, run := range append(g.oldestRuns(), &g.newest, &g.completed, &g.passed) {
		if *run != nil {
			kept := **run
			*run = &kept
		}
	}
	for i := range g.windows {
		g.windows[i].durations.summarize()
		g.windows[i].queued.summarize()
	}
}

func (g *group) oldestRuns() []**history.Run {
	all := make([]**history.Run, 0, history.ActiveStates)
	for s := range g.oldest {
		all = append(all, &g.oldest[s])
	}
	return all
}

func (s *statistics) add(r *history.Run, of *groups) {
	if seconds, ok := r.Queued(); ok {
		s.queued.add(seconds)
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
		s.durations.add(of.unit.In(r.Duration))
	}
}

// sample is some times, in seconds, and what they come to once it is summarized.
type sample struct {
	seconds             []float64
	count               int
	mean, p50, p90, max float64
}

func (s *sample) add(seconds float64) { s.seconds = append(s.seconds, seconds) }

// summarize computes the mean, the percentiles (nearest rank) and the maximum,
// and lets the times go.
func (s *sample) summarize() {
	s.count = len(s.seconds)
	if s.count == 0 {
		return
	}
	slices.Sort(s.seconds)
	var sum float64 // of the sorted, so that it comes out the same everywhere
	for _, seconds := range s.seconds {
		sum += seconds
	}
	rank := func(percent int) float64 { return s.seconds[(s.count*percent+99)/100-1] }
	s.mean, s.p50, s.p90, s.max = sum/float64(s.count), rank(50), rank(90), s.seconds[s.count-1]
	s.seconds = nil
}
