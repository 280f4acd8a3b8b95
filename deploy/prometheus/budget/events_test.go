package budget

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// The days of the first week and of the next Monday.
var (
	tuesday    = monday.Add(1 * day)
	wednesday  = monday.Add(2 * day)
	thursday   = monday.Add(3 * day)
	friday     = monday.Add(4 * day)
	saturday   = monday.Add(5 * day)
	nextMonday = monday.Add(7 * day)
)

// The lives in which something happens: runs at all hours, and on working days.
var (
	always = life{least: 8, most: 10, even: true, tests: 100}
	atWork = life{least: 8, most: 8, even: true, tests: 100, opens: 8, closes: 18, workdays: true}
)

func (l life) with(least, most int, t trouble) life {
	l.least, l.most, l.troubles = least, most, []trouble{t}
	return l
}

// happening is a group in which something happens.
type happening struct {
	group
	silent bool // nothing of it may be told
}

var happenings = []happening{
	{group: group{"broken-0", always.with(8, 10, trouble{tuesday.Add(10 * time.Hour), friday.Add(10 * time.Hour), 1})}},
	{group: group{"broken-1", always.with(6, 8, trouble{tuesday.Add(11 * time.Hour), saturday, 1})}},
	{group: group{"broken-2", always.with(20, 30, trouble{wednesday, friday.Add(10 * time.Hour), 1})}},
	{group: group{"brief", always.with(8, 8, trouble{wednesday, wednesday.Add(15 * time.Hour), 1})}},
	{group: group{"half-0", always.with(8, 8, trouble{tuesday, friday, 2})}},
	{group: group{"half-1", always.with(10, 10, trouble{wednesday, saturday, 2})}},
	{group: group{"half-2", always.with(24, 30, trouble{tuesday.Add(3 * time.Hour), saturday, 2})}},
	{group: group{"weekend", atWork.with(8, 8, trouble{friday.Add(11 * time.Hour), nextMonday.Add(12 * time.Hour), 1})}},
	{group: group{"weekend-half", atWork.with(10, 10, trouble{thursday.Add(9 * time.Hour), nextMonday.Add(36 * time.Hour), 2})}},
	{group: group{"friday", atWork.with(8, 8, trouble{friday.Add(15*time.Hour + 30*time.Minute), saturday, 1})}, silent: true},
	{group: group{"late", atWork.with(12, 12, trouble{friday.Add(13 * time.Hour), saturday, 2})}, silent: true},
}

// The API is away for a while, when some alerts fire.
var (
	awayFrom = thursday.Add(12 * time.Hour)
	awayTo   = awayFrom.Add(80 * time.Minute)
)

// TestEvents replays ten days of groups in which something happens. Each time it
// must be told once, soon, until soon after it is over, and through everything else.
func TestEvents(t *testing.T) {
	t.Parallel()
	const step = 10 * time.Minute
	p := project{name: "events", from: monday.Add(-lookback), to: monday.Add(10 * day)}
	for _, h := range happenings {
		p.groups = append(p.groups, h.group)
	}
	w := newWorld(t, monday, p)
	var mend func()
	w.plan(event{awayFrom, func() { mend = w.api.Inject(apitest.Status(http.StatusServiceUnavailable, "away")) }})
	w.plan(event{awayTo, func() { mend() }})
	byGroup := map[string][]*episode{}
	for _, e := range w.replay(t, monday, p.to, step) {
		t.Log(e)
		byGroup[e.labels.Get("environment")] = append(byGroup[e.labels.Get("environment")], e)
	}
	for i, h := range happenings {
		t.Run(h.environment, func(t *testing.T) { h.check(t, p.runsOf(i), byGroup[h.environment]) })
	}
	checkAway(t, byGroup[""])
}

// firstAlerts tell of runs that fail, each in its own way; of one event only one does.
var firstAlerts = []string{"EmpiricalFailingStreak", "EmpiricalRunFailureRatioHigh", "EmpiricalTestFailureRatioHigh"}

// check checks the episodes of a group against its runs.
func (h *happening) check(t *testing.T, runs []run, told []*episode) {
	t.Helper()
	for _, e := range told {
		if h.life.workdays && atWeekend(e) {
			t.Errorf("begins when there are no runs: %s", e)
		}
	}
	if h.silent {
		if len(told) > 0 {
			t.Errorf("%d episodes, want none: %s", len(told), told[0])
		}
		return
	}
	facts := h.facts(runs)
	facts.checkEnds(t, told)
	first := slices.DeleteFunc(slices.Clone(told), func(e *episode) bool { return !slices.Contains(firstAlerts, e.alert()) })
	if len(first) != 1 || first[0].from.After(facts.tellBy) || first[0].from.Before(facts.began) {
		t.Errorf("%d episodes of one event from %s, want one, by %s: %v", len(first), facts.began, facts.tellBy, first)
	}
	i := slices.IndexFunc(told, func(e *episode) bool { return e.labels.Get("severity") == "critical" })
	if i >= 0 && h.life.troubles[0].every > 1 {
		t.Errorf("critical, though runs pass: %s", told[i])
	}
	if !facts.criticalBy.IsZero() && (i < 0 || told[i].from.After(facts.criticalBy)) {
		t.Errorf("not critical by %s: %v", facts.criticalBy, told)
	}
}

// atWeekend reports whether an episode begins at a weekend.
func atWeekend(e *episode) bool {
	return e.from.Weekday() == time.Saturday || e.from.Weekday() == time.Sunday
}

// checkEnds checks that each alert has one episode, that ends soon after the recovery.
func (f facts) checkEnds(t *testing.T, told []*episode) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range told {
		switch {
		case seen[e.alert()]:
			t.Errorf("one event is more than one episode: %s", e)
		case e.to.IsZero() || e.to.After(f.recovered.Add(26*time.Hour)):
			t.Errorf("the recovery was %s: %s", f.recovered, e)
		case e.to.Before(f.recovered):
			t.Errorf("ends before the recovery, %s: %s", f.recovered, e)
		}
		seen[e.alert()] = true
	}
}

// facts are the times by which a happening is judged.
type facts struct {
	began      time.Time // when the first run that fails ended
	tellBy     time.Time
	criticalBy time.Time // zero where nobody needs to be called
	recovered  time.Time // when the first run ended that passed, of those created after the trouble
}

func (h *happening) facts(runs []run) facts {
	var f facts
	var lastPass time.Time
	failed := 0
	trouble := h.life.troubles[0]
	for _, r := range runs {
		switch end := r.created.Add(r.length); {
		case r.created.Before(trouble.from):
			lastPass = r.created
		case !r.created.Before(trouble.to):
			if f.recovered.IsZero() {
				f.recovered = end
			}
		case failed == 0:
			f.began = end
			failed++
		default:
			failed++
			if failed == 3 && trouble.every == 1 {
				f.tellBy = end.Add(30 * time.Minute)
			}
		}
	}
	switch {
	case trouble.every > 1:
		f.tellBy = f.began.Add(18 * time.Hour)
	case f.recovered.Sub(lastPass) > 48*time.Hour:
		f.criticalBy = lastPass.Add(48 * time.Hour)
	}
	if h.life.workdays && !f.criticalBy.IsZero() { // nothing begins when there are no runs
		i := slices.IndexFunc(runs, func(r run) bool { return r.created.After(f.criticalBy) })
		f.criticalBy = runs[i].created.Add(runs[i].length + 30*time.Minute)
	}
	return f
}

// checkAway checks what is told of a project while the API is away. promtool's tests
// know the minutes; here, one scrape stands for ten of them.
func checkAway(t *testing.T, told []*episode) {
	t.Helper()
	want := map[string][2]time.Duration{ // the time since it is away
		"EmpiricalAPINotAnswering": {10 * time.Minute, 30 * time.Minute},
		"EmpiricalProjectUnseen":   {40 * time.Minute, 70 * time.Minute},
	}
	for _, e := range told {
		after := e.from.Sub(awayFrom)
		within, is := want[e.alert()]
		if !is || after < within[0] || after > within[1] || e.to.IsZero() || e.to.After(awayTo.Add(20*time.Minute)) {
			t.Errorf("the API was away from %s to %s: %s", awayFrom, awayTo, e)
		}
		delete(want, e.alert())
	}
	if len(want) > 0 {
		t.Errorf("the API was away, and these are not told: %v", want)
	}
}
