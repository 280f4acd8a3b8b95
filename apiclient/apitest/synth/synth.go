// Package synth makes believable projects for the API in memory (package
// apitest): a main branch, pull-request branches that come and go, working hours
// and nightly runs, environments that fail, flake and last differently, and a
// concurrency limit. The same seed makes the same runs on any machine.
//
//	life := synth.New(project, start, synth.Options{Seed: 1})
//	life.Advance(start.AddDate(0, 0, 8))
//
// [Life] drives a project forward in time. [Bulk] makes many finished runs fast.
package synth

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// Options describe a project.
type Options struct {
	Seed uint64
	// RunsPerDay is how many runs the pushes of an average day make; 0 means 200.
	// Four nightly runs and some reruns of failed runs come on top.
	RunsPerDay float64
	// Branches is how many pull requests are open at once; 0 means 6.
	Branches int
	// Concurrency is how many runs may be queued or started at once; the others
	// are pending. 0 means about what the busiest hours need.
	Concurrency int

	// What items show differs between sources. The default is what live items
	// were seen to carry (public client code).

	// Milliseconds makes them the unit of durations, as on an older reference
	// page, in place of seconds.
	Milliseconds bool
	// NoStarts leaves out when runs started, as the reference page does.
	NoStarts bool
	// SkippedInTotal counts skipped tests in the total.
	SkippedInTotal bool
}

// New starts the life of a project that has no runs yet.
func New(p *apitest.Project, start time.Time, o Options) *Life {
	if o.RunsPerDay == 0 {
		o.RunsPerDay = 200
	}
	if o.Branches == 0 {
		o.Branches = 6
	}
	busiestPerSecond := o.RunsPerDay / (24 * time.Hour).Seconds() / averageActivity
	if o.Concurrency == 0 {
		o.Concurrency = max(2, int(math.Ceil(busiestPerSecond*typicalLength.Seconds())))
	}
	l := &Life{
		project:      p,
		options:      o,
		now:          start.UTC().Truncate(time.Millisecond),
		pushes:       rand.New(rand.NewPCG(o.Seed, 0)),
		pushesPerSec: busiestPerSecond / runsPerPush,
		createdAt:    func(t time.Time) time.Time { return t },
		main:         &branch{name: "main", failures: map[*environment]int{}},
		branches:     make([]*branch, o.Branches),
	}
	l.at(l.nextPush(), l.push)
	l.at(nextNight(l.now), l.night)
	return l
}

// duration is a length as the API gives it.
func (o Options) duration(length time.Duration) *int64 {
	if o.Milliseconds {
		return new(length.Milliseconds())
	}
	return new(int64(length / time.Second))
}

// environment is where runs run.
type environment struct {
	slug, name string
	tests      int64         // at the start of the project
	length     time.Duration // median of its runs
	fails      float64       // probability that tests of a sound branch begin to fail
	flakes     float64       // probability that a run has flaky tests
	breaks     float64       // probability that a run ends in state error
}

var (
	production = &environment{"production", "Production", 180, 11 * time.Minute, 0.02, 0.1, 0.02}
	staging    = &environment{"staging", "Staging", 240, 17 * time.Minute, 0.06, 0.25, 0.04}
	preview    = &environment{"preview", "Preview", 240, 14 * time.Minute, 0.12, 0.3, 0.05}
	browsers   = &environment{"cross-browser", "Cross-browser", 420, 27 * time.Minute, 0.1, 0.45, 0.06}
)

// typicalLength is about the mean length of all runs of a project.
const typicalLength = 18 * time.Minute

// The documented states of a run.
const (
	pending    = "pending"
	queued     = "queued"
	started    = "started"
	cancelling = "cancelling"
	cancelled  = "cancelled"
	errored    = "error"
	ended      = "ended"
)
