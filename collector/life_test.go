package collector_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// life makes random things happen to the runs of a project, which several APIs
// show at once.
type life struct {
	rnd      *rand.Rand
	clock    *testClock
	projects []*apitest.Project
	groups   []lifeGroup
	lastID   int64
	oddities bool // states that are none of the seven
	calm     bool // nothing that only a resync sees
	perPage  int  // the most runs that the APIs give on a page

	// stale reports that something happened that no warm refresh has to see: only
	// a resync does.
	stale bool
}

// lifeGroup is a branch and an environment; nil is null in the API's items.
type lifeGroup struct{ branch, environment *string }

var (
	branches     = []string{"main", "main", "main", "feat/login", "fix/cart", "other", "", "odd \"name\"\nof \\two lines"}
	environments = []string{"production", "staging", "staging", "other", ""}
	errorCodes   = []string{
		"merge_conflict", "dispatch_failed", "report_not_generated", "run_failed_with_error", "worker_interrupted",
		"merge_reports_failed", "unknown", "out_of_disk", "", "The disk is full!", "9lives", "tränen",
		"a23456789012345678901234567890123456789012345678901234567890123", // 63 and 65 characters
		"a2345678901234567890123456789012345678901234567890123456789012345",
		"merge_conflict\n",
	}
)

func newLife(rnd *rand.Rand, clock *testClock) *life {
	l := &life{rnd: rnd, clock: clock, calm: rnd.IntN(3) == 0, perPage: 100}
	l.oddities = !l.calm && rnd.IntN(3) == 0
	if !l.calm && rnd.IntN(2) == 0 {
		l.perPage = []int{3, 7, 20}[rnd.IntN(3)]
	}
	for range 1 + rnd.IntN(4) {
		l.groups = append(l.groups, lifeGroup{l.text(branches), l.text(environments)})
	}
	return l
}

// happen lets one random thing happen.
func (l *life) happen() {
	switch n := l.rnd.IntN(100); {
	case n < 30:
		l.add(l.clock.Now())
	case n < 38:
		l.addElsewhere()
	case n < 70:
		l.change(isActive, l.moveOn)
	case n < 78:
		l.change(isActive, l.finish)
	case n < 82:
		l.change(isActive, func(r *apitest.Run) { r.State = "cancelling" })
	case n < 88:
		l.snooze()
	case n < 93:
		l.remove()
	case n < 96 && l.oddities:
		l.beOdd()
	case n == 96 && !l.calm:
		l.rename()
	case n == 97 && !l.calm && !l.oddities:
		l.spoil()
	default:
		l.change(isActive, l.partly)
	}
}

func isActive(r apitest.Run) bool { return slices.Contains(activeStates, r.State) }

// deep reports whether a list may have more than one page by the next scrape, so
// that not every change of what stands in it is met.
func (l *life) deep() bool { return l.projects[0].Len()+8 > l.perPage }

// add adds a run in a random state.
func (l *life) add(at time.Time) {
	l.lastID++
	in := l.groups[l.rnd.IntN(len(l.groups))]
	run := apitest.Run{
		ID: l.lastID, CreatedAt: at, State: []string{"pending", "queued"}[l.rnd.IntN(2)],
		Branch: in.branch, EnvironmentSlug: in.environment,
		BuildBranch: l.text(branches), Commit: l.text([]string{"0a1b2c", "d3e4f5"}),
	}
	for range l.rnd.IntN(4) {
		l.moveOn(&run)
	}
	if l.rnd.IntN(3) == 0 {
		l.finish(&run)
	}
	for _, p := range l.projects {
		p.Add(run)
	}
}

// addElsewhere adds a run that was created at another time than now.
func (l *life) addElsewhere() {
	switch n := l.rnd.IntN(10); {
	case n == 0 && l.perPage == 100 && l.busy(): // else a few such runs would hide all that are new
		l.stale = l.stale || l.deep()
		l.add(l.clock.Now().Add(l.upTo(2 * day)))
	case n < 3 && l.projects[0].Len() > 0:
		all := l.projects[0].Runs()
		l.stale = l.stale || l.deep()
		l.add(all[l.rnd.IntN(len(all))].CreatedAt)
	default:
		l.stale = l.stale || l.deep()
		l.add(l.clock.Now().Add(-l.upTo(9 * day)))
	}
}

func (l *life) upTo(d time.Duration) time.Duration {
	return time.Duration(l.rnd.Int64N(int64(d))).Truncate(time.Millisecond)
}

// text returns one of some texts, or none, in which case the key is null.
func (l *life) text(of []string) *string {
	s := of[l.rnd.IntN(len(of))]
	if s == "" && l.rnd.IntN(2) == 0 {
		return nil
	}
	return &s
}

func (l *life) count(most int64) *int64 {
	if l.rnd.IntN(8) == 0 {
		return nil
	}
	n := l.rnd.Int64N(most + 1)
	return &n
}

// pick returns a random run of a kind.
func (l *life) pick(kind func(apitest.Run) bool) (apitest.Run, bool) {
	of := where(l.projects[0].Runs(), kind)
	if len(of) == 0 {
		return apitest.Run{}, false
	}
	return of[l.rnd.IntN(len(of))], true
}

// change changes a random run of a kind everywhere.
func (l *life) change(kind func(apitest.Run) bool, how func(*apitest.Run)) {
	run, ok := l.pick(kind)
	if !ok {
		return
	}
	how(&run)
	for _, p := range l.projects {
		p.Update(run.ID, func(r *apitest.Run) { *r = run })
	}
}

// moveOn takes a run one step further.
func (l *life) moveOn(r *apitest.Run) {
	switch r.State {
	case "pending":
		r.State = "queued"
	case "queued":
		r.State = "started"
		l.start(r)
		l.partly(r)
	case "started", "cancelling":
		l.finish(r)
	}
}

// start says when a run left the queue. Not every item does, and clocks differ.
func (l *life) start(r *apitest.Run) {
	if l.rnd.IntN(4) > 0 {
		r.StartedAt = l.clock.Now().Add(-l.upTo(time.Minute))
	}
}

// partly gives a run that has not ended the counts it has so far.
func (l *life) partly(r *apitest.Run) {
	if r.State == "started" && l.rnd.IntN(2) == 0 {
		r.TotalCount, r.SuccessCount, r.FailedCount = l.count(50), l.count(20), l.count(3)
	}
}

func (l *life) finish(r *apitest.Run) {
	if !isActive(*r) {
		return
	}
	r.State = []string{"ended", "ended", "ended", "ended", "error", "cancelled"}[l.rnd.IntN(6)]
	r.TotalCount, r.SuccessCount, r.SkippedCount, r.FlakyCount = l.count(60), l.count(50), l.count(5), l.count(2)
	r.Duration = l.count(3_600_000)
	if l.rnd.IntN(2) == 0 {
		r.FailedCount = l.count(5)
	}
	if r.State == "error" {
		r.ErrorCode = l.text(errorCodes)
	}
	if r.State == "ended" {
		l.mute(r)
	}
}

// mute snoozes some failures of a run, or none.
func (l *life) mute(r *apitest.Run) {
	r.FailedCountAfterSnoozing = nil
	if failed := number(r.FailedCount); l.rnd.IntN(3) == 0 {
		after := l.rnd.Int64N(failed + 1)
		r.FailedCountAfterSnoozing = &after
	}
}

func (l *life) snooze() {
	l.stale = l.stale || l.deep()
	l.change(func(r apitest.Run) bool { return r.State == "ended" }, l.mute)
}

// remove deletes a run. That an active one is gone is noticed at once.
func (l *life) remove() {
	run, ok := l.pick(func(r apitest.Run) bool { return !l.calm || isActive(r) })
	if !ok {
		return
	}
	l.stale = l.stale || !isActive(run)
	for _, p := range l.projects {
		p.Delete(run.ID)
	}
}

// rename gives an environment another name, in all of its runs. Where no finished
// run of it is on a page that a refresh reads, only a resync sees that.
func (l *life) rename() {
	run, ok := l.pick(func(apitest.Run) bool { return true })
	if !ok {
		return
	}
	from, to := text(run.EnvironmentSlug), fmt.Sprintf("renamed-%d", l.rnd.IntN(1000))
	l.stale = true
	for _, p := range l.projects {
		for _, r := range p.Runs() {
			if text(r.EnvironmentSlug) == from {
				p.Update(r.ID, func(r *apitest.Run) { r.EnvironmentSlug = &to })
			}
		}
	}
	for i := range l.groups {
		if text(l.groups[i].environment) == from {
			l.groups[i].environment = &to
		}
	}
}

// spoil makes a run unreadable, or the one that is readable again. There must be
// others: where most runs cannot be read, the answer is taken for wrong.
func (l *life) spoil() {
	run, spoilt := l.pick(unreadable)
	if !spoilt {
		if l.perPage < 100 || !l.busy() {
			return
		}
		run, _ = l.pick(func(apitest.Run) bool { return true })
	}
	l.stale = true
	l.change(func(r apitest.Run) bool { return r.ID == run.ID }, func(r *apitest.Run) {
		r.Extra = map[string]json.RawMessage{"created_at": json.RawMessage(`"soon"`)}
		if spoilt {
			r.Extra = nil
		}
	})
}

// busy reports whether there are a few runs of today.
func (l *life) busy() bool {
	return len(where(l.projects[0].Runs(), func(r apitest.Run) bool { return r.CreatedAt.After(l.clock.Now().Add(-day)) })) > 4
}

func unreadable(r apitest.Run) bool { return string(r.Extra["created_at"]) == `"soon"` }

// beOdd puts a run into a state that is none of the seven, or ends one that is
// in such a state.
func (l *life) beOdd() {
	run, ok := l.pick(func(apitest.Run) bool { return true })
	if !ok {
		return
	}
	l.stale = l.stale || l.deep() || outcomeOf(run) != ""
	odd := !slices.Contains(sevenStates, run.State)
	l.change(func(r apitest.Run) bool { return r.ID == run.ID }, func(r *apitest.Run) {
		r.State = fmt.Sprintf("paused_%d", l.rnd.IntN(3))
		if odd {
			r.State = "started"
			l.finish(r)
		}
	})
}
