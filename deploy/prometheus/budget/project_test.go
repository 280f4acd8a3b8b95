package budget

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// project is a made-up project. The same seed makes the same runs.
type project struct {
	name   string
	past   []apitest.Run // runs that are there from the beginning
	groups []group
	from   time.Time // of its first run
	to     time.Time // of its last run
}

// group is an environment of the branch main.
type group struct {
	environment string
	life        life
}

// life says how the runs of a group are made.
type life struct {
	least, most   int       // runs of a day
	opens, closes int       // the hours in which runs are created; all of the day if closes is 0
	workdays      bool      // no runs on Saturday and Sunday
	even          bool      // in the same distances, more or less; else at random
	fails         float64   // the share of runs that fail
	troubles      []trouble // when runs fail for a reason
	tests         int       // of a run
	flaky         float64   // the share of tests that are flaky
}

// trouble is a time in which every so-manieth run fails, the first one too, and no
// other does.
type trouble struct {
	from, to time.Time
	every    int
}

// run is a run of a group.
type run struct {
	created time.Time
	length  time.Duration
	ended   apitest.Run // as it is at its end
}

// seed is made from the name.
func (p project) seed() uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(p.name))
	return hash.Sum64()
}

// runs makes all runs of a project.
func (p project) runs() []run {
	var all []run
	for i := range p.groups {
		all = append(all, p.runsOf(i)...)
	}
	return all
}

// runsOf makes all runs of a group, in the order of their creation.
func (p project) runsOf(i int) []run {
	return p.groups[i].runs(rand.New(rand.NewPCG(p.seed(), uint64(i))), p.from, p.to)
}

func (g group) runs(random *rand.Rand, from, to time.Time) []run {
	var all []run
	inTrouble := 0
	for day := from.Truncate(24 * time.Hour); day.Before(to); day = day.AddDate(0, 0, 1) {
		for _, at := range g.life.day(random, day) {
			failed := random.Float64() < g.life.fails
			if t := g.life.troubleAt(at); t != nil {
				failed = inTrouble%t.every == 0
				inTrouble++
			} else {
				inTrouble = 0
			}
			made := g.newRun(random, at, failed)
			if !at.Before(from) && at.Before(to) {
				all = append(all, made)
			}
		}
	}
	return all
}

// day returns when the runs of a day are created, in their order.
func (l life) day(random *rand.Rand, day time.Time) []time.Time {
	if l.workdays && (day.Weekday() == time.Saturday || day.Weekday() == time.Sunday) {
		return nil
	}
	begin, length := time.Duration(0), 24*time.Hour
	if l.closes > 0 {
		begin, length = time.Duration(l.opens)*time.Hour, time.Duration(l.closes-l.opens)*time.Hour
	}
	n := l.least + random.IntN(l.most-l.least+1)
	all := make([]time.Time, n)
	for i := range all {
		part := random.Float64()
		if l.even {
			part = (float64(i) + part) / float64(n)
		}
		all[i] = day.Add(begin + time.Duration(part*float64(length))).Truncate(time.Second)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func (l life) troubleAt(at time.Time) *trouble {
	for i, t := range l.troubles {
		if !at.Before(t.from) && at.Before(t.to) {
			return &l.troubles[i]
		}
	}
	return nil
}

// codes are what a broken run may have.
var codes = []string{"dispatch_failed", "report_not_generated", "run_failed_with_error", "worker_interrupted"}

// newRun makes a run. Of ten that fail two break, one has failures in half of its
// tests, and seven in a few.
func (g group) newRun(random *rand.Rand, at time.Time, failed bool) run {
	r := run{created: at, length: max(time.Minute, time.Duration((10+2*random.NormFloat64())*float64(time.Minute))).Truncate(time.Second)}
	r.ended = apitest.Run{State: "ended", Branch: new("main"), EnvironmentSlug: &g.environment, EnvironmentName: &g.environment, CreatedAt: at, StartedAt: at.Add(20 * time.Second)}
	failures, flaky := 0, 0
	for range g.life.tests {
		if random.Float64() < g.life.flaky {
			flaky++
		}
	}
	kind, few, code := random.IntN(10), 1+random.IntN(max(1, g.life.tests/20)), random.IntN(len(codes))
	switch {
	case failed && kind < 2:
		r.ended.State, r.ended.ErrorCode = "error", &codes[code]
		return r
	case failed && kind == 2:
		failures = g.life.tests / 2
	case failed:
		failures = few
	}
	r.ended.TotalCount, r.ended.SuccessCount = new(int64(g.life.tests)), new(int64(g.life.tests-failures))
	r.ended.FailedCount, r.ended.FailedCountAfterSnoozing = new(int64(failures)), new(int64(failures))
	r.ended.SkippedCount, r.ended.FlakyCount = new(int64(0)), new(int64(min(flaky, g.life.tests-failures)))
	r.ended.Duration = new(int64(r.length / time.Second))
	return r
}

// events are the beginning and the end of a run.
func (r run) events(p *apitest.Project) []event {
	var id int64
	return []event{
		{r.created, func() {
			begun := apitest.Run{State: "started", CreatedAt: r.created, StartedAt: r.ended.StartedAt}
			begun.Branch, begun.EnvironmentSlug, begun.EnvironmentName = r.ended.Branch, r.ended.EnvironmentSlug, r.ended.EnvironmentName
			id = p.Add(begun)
		}},
		{r.created.Add(r.length), func() {
			p.Update(id, func(now *apitest.Run) {
				*now = r.ended
				now.ID = id
			})
		}},
	}
}
