package apitest

import (
	"math"
	"time"
)

// Generator makes believable projects: a main branch, pull-request branches
// that come and go, working hours and nightly runs, environments that fail,
// flake and last differently, a concurrency limit. The same generator makes
// the same runs on any machine.
type Generator struct {
	Seed uint64
	// RunsPerDay is how many runs pushes make on an average day of the week, 200
	// where 0; four nightly runs and some reruns of failed ones come on top.
	RunsPerDay float64
	// Branches is how many pull requests are open at once, 6 where 0.
	Branches int
	// Concurrency is how many runs may be queued or started at once; others are
	// pending. Where 0, it is about what the busiest hours need.
	Concurrency int
}

// Live begins the life of a project that has no runs yet.
func (g Generator) Live(p *Project, start time.Time) *Life {
	if g.RunsPerDay == 0 {
		g.RunsPerDay = 200
	}
	if g.Branches == 0 {
		g.Branches = 6
	}
	busiestPerSecond := g.RunsPerDay / (24 * time.Hour).Seconds() / averageActivity
	if g.Concurrency == 0 {
		g.Concurrency = max(2, int(math.Ceil(busiestPerSecond*typicalLength.Seconds())))
	}
	return newLife(g, p, start.UTC().Truncate(time.Millisecond), busiestPerSecond/runsPerPush)
}

// History fills a project with what was created between two moments, all of it
// finished. Runs that were active at the second moment are finished later.
func (g Generator) History(p *Project, from, to time.Time) {
	life := g.Live(p, from)
	life.lastPush = to
	for life.events.Len() > 0 {
		life.next()
	}
}
