package collector

import "slices"

// group is all that is shown of the runs of one branch and environment. The
// runs that it points to are its own copies once it is settled.
type group struct {
	place  place
	folded bool // of several places: its last run says nothing and is not shown

	states    [stateCount]int
	oldest    [activeStates]*run // by state
	windows   []figures          // as the windows are configured
	newest    *run
	completed *run // the newest completed run
	passed    *run // the newest passed run
	streak    int
}

// figures are the sums over the runs of one window.
type figures struct {
	outcomes  [outcomeCount]int
	tests     tests // of ended runs
	flakyRuns int
	errors    map[string]int // errored runs by error code
	seconds   []float64      // durations of ended runs
	durations *durations     // nil where there is none
}

// add takes a run of the lookback. Spans are the beginnings of the windows.
func (g *group) add(r *run, spans []int64, v *view) {
	g.states[r.state]++
	if r.state.active() && (g.oldest[r.state] == nil || g.oldest[r.state].newer(r)) {
		g.oldest[r.state] = r
	}
	keepNewer(&g.newest, r)
	if r.outcome.completed() {
		keepNewer(&g.completed, r)
	}
	if r.outcome == passedRun {
		keepNewer(&g.passed, r)
	}
	if !r.outcome.finished() {
		return
	}
	for i, since := range spans {
		if r.created > since {
			g.windows[i].add(r, v)
		}
	}
}

func keepNewer(newest **run, r *run) {
	if *newest == nil || r.newer(*newest) {
		*newest = r
	}
}

// addToStreak counts a run that is newer than the newest that passed. All runs
// have been added before.
func (g *group) addToStreak(r *run) {
	if r.outcome.completed() && r.outcome != passedRun && (g.passed == nil || r.newer(g.passed)) {
		g.streak++
	}
}

// settle copies the runs that are pointed to, which stay where they are only as
// long as the history is locked, and sums up the durations.
func (g *group) settle() {
	for _, p := range append(g.oldestRuns(), &g.newest, &g.completed, &g.passed) {
		if *p != nil {
			kept := **p
			*p = &kept
		}
	}
	for i := range g.windows {
		g.windows[i].durations = summarise(g.windows[i].seconds)
		g.windows[i].seconds = nil
	}
}

func (g *group) oldestRuns() []**run {
	all := make([]**run, 0, activeStates)
	for s := range g.oldest {
		all = append(all, &g.oldest[s])
	}
	return all
}

func (f *figures) add(r *run, v *view) {
	f.outcomes[r.outcome]++
	if r.outcome == errorRun {
		if f.errors == nil {
			f.errors = map[string]int{}
		}
		f.errors[v.code(r.code.Value())]++
	}
	if r.state != ended {
		return
	}
	f.tests.add(r.countedTests())
	if r.tests.flaky > 0 {
		f.flakyRuns++
	}
	if r.seconds >= 0 {
		f.seconds = append(f.seconds, r.seconds)
	}
}

// durations sum up some durations, in seconds.
type durations struct{ mean, p50, p90, max float64 }

// summarise sorts the durations. Percentiles are the nearest rank.
func summarise(seconds []float64) *durations {
	n := len(seconds)
	if n == 0 {
		return nil
	}
	slices.Sort(seconds)
	var sum float64 // over the sorted, so that it comes out the same everywhere
	for _, s := range seconds {
		sum += s
	}
	rank := func(percent int) float64 { return seconds[(n*percent+99)/100-1] }
	return &durations{mean: sum / float64(n), p50: rank(50), p90: rank(90), max: seconds[n-1]}
}
