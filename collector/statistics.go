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
	seconds   []float64      // durations of ended runs, until the group is finished
	durations *durations     // nil where there is none
}

// add takes a run of the lookback. Windows begin at starts.
func (g *group) add(r *history.Run, starts []int64, codes shownCodes) {
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
	if !r.Outcome.Finished() {
		return
	}
	for i, start := range starts {
		if r.Created > start {
			g.windows[i].add(r, codes)
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
		g.windows[i].durations = summarize(g.windows[i].seconds)
		g.windows[i].seconds = nil
	}
}

func (g *group) oldestRuns() []**history.Run {
	all := make([]**history.Run, 0, history.ActiveStates)
	for s := range g.oldest {
		all = append(all, &g.oldest[s])
	}
	return all
}

func (s *statistics) add(r *history.Run, codes shownCodes) {
	s.outcomes[r.Outcome]++
	if r.Outcome == history.OutcomeError {
		if s.errors == nil {
			s.errors = map[string]int{}
		}
		s.errors[codes.label(r.Code.Value())]++
	}
	if r.State != history.Ended {
		return
	}
	s.tests.Add(r.CountedTests())
	if r.Tests.Flaky > 0 {
		s.flakyRuns++
	}
	if r.Seconds >= 0 {
		s.seconds = append(s.seconds, r.Seconds)
	}
}

// durations sum up some durations, in seconds.
type durations struct{ mean, p50, p90, max float64 }

// summarize sorts the durations. Percentiles are the nearest rank.
func summarize(seconds []float64) *durations {
	n := len(seconds)
	if n == 0 {
		return nil
	}
	slices.Sort(seconds)
	var sum float64 // of the sorted, so that it comes out the same everywhere
	for _, s := range seconds {
		sum += s
	}
	rank := func(percent int) float64 { return seconds[(n*percent+99)/100-1] }
	return &durations{mean: sum / float64(n), p50: rank(50), p90: rank(90), max: seconds[n-1]}
}
