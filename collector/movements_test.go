package collector_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// passing is the branch of runs that come and go while lists are read, which
// only a resync in peace shows exactly.
const passing = "passing"

// folds reports whether groups may be folded, so that runs of one branch are
// counted under another.
func (h *randomHistory) folds() bool {
	config := &h.beds[0].config
	return config.MaxGroups < 200 || !config.Branches.MatchString(passing)
}

// moveWhileRead lets things happen while each exporter reads: runs are deleted,
// change list, come in at the top or far below. The refresh after that must have
// every run that is there, and after a resync all must be exact.
func (h *randomHistory) moveWhileRead(when string) {
	h.t.Helper()
	for range h.rnd.IntN(9) {
		h.life.addPassing(h.clock.Now())
	}
	h.scrape(when + ", before things happen while it is read")
	resync := h.rnd.IntN(2) == 0
	if resync {
		h.letResyncComeDue()
	}
	for _, tb := range h.beds {
		tb.meanwhile((*apitest.Server).OnRequest, h.life.whileRead(1+h.rnd.IntN(4)))
		tb.refresh()
		if resync { // an earlier one may still be under way
			tb.await("a resync", func() bool {
				tb.refresh()
				return tb.hasResynced()
			})
		}
		tb.inPeace()
	}
	h.clock.advance(time.Second)
	for _, tb := range h.beds {
		tb.scrape()
		got, want := withoutPassing(tb.shown), withoutPassing(tb.oracle(tb.project).exposition())
		if wrong := diff(got, want); wrong != "" {
			h.t.Fatalf("%s, after things happened while it was read (resync: %v), %s:\n%s", when, resync, wayName(tb.byList), wrong)
		}
	}
	h.life.stale = true
	h.scrape(when + ", after a resync in peace")
}

// withoutPassing returns how many runs are shown in which state.
func withoutPassing(shown exposition) exposition {
	kept := exposition{}
	for series, value := range shown.only("empirical_runs") {
		if !strings.Contains(series, `branch="`+passing+`"`) {
			kept[series] = value
		}
	}
	return kept
}

// whileRead returns what happens at each request: something at every n-th.
func (l *life) whileRead(n int) func(request int) {
	rnd := rand.New(rand.NewPCG(l.rnd.Uint64(), 0))
	below := rnd.IntN(2) == 0 // runs come in below, which hides that others leave above
	return func(request int) {
		if request > 60 || rnd.IntN(n) > 0 {
			return
		}
		was := l.rnd
		l.rnd = rnd
		defer func() { l.rnd = was }()
		switch rnd.IntN(7) {
		case 0, 1:
			l.deletePassing()
		case 2:
			l.change(isActive, l.moveOn)
		case 3:
			l.snooze()
		case 4:
			l.change(isActive, l.finish)
		default:
			if below {
				l.deletePassing()
				l.addPassing(l.clock.Now().Add(-30 * time.Hour))
			} else {
				l.add(l.clock.Now())
			}
		}
	}
}

func (l *life) addPassing(at time.Time) {
	l.lastID++
	for _, p := range l.projects {
		p.Add(apitest.Run{ID: l.lastID, State: "ended", Branch: new(passing), CreatedAt: at})
	}
}

func (l *life) deletePassing() {
	if run, ok := l.pick(func(r apitest.Run) bool { return text(r.Branch) == passing }); ok {
		for _, p := range l.projects {
			p.Delete(run.ID)
		}
	}
}

// setClock sets the exporters' clock wrong or right now and then: ahead by up to
// a month, or behind by less than the API's lists reach beyond the lookback.
func (h *randomHistory) setClock() {
	if h.life.calm || h.rnd.IntN(6) > 0 {
		return
	}
	skew := []time.Duration{0, 0, 30 * day, h.life.upTo(3 * time.Hour), -h.life.upTo(20 * time.Hour)}[h.rnd.IntN(5)]
	for _, tb := range h.beds {
		tb.skew.Store(int64(skew))
	}
	h.life.stale = true
}

// keepMostReadable mends what would make the exporters refuse all that there is.
func (h *randomHistory) keepMostReadable() {
	if h.life.busy() {
		return
	}
	if _, spoilt := h.life.pick(unreadable); spoilt {
		h.life.spoil()
	}
	for _, tb := range h.beds {
		tb.skew.Store(max(0, tb.skew.Load()))
	}
}

// hangUp asks for a refresh as a scrape does whose client hangs up at once.
func (tb *testbed) hangUp() {
	ctx, hangUp := context.WithCancel(tb.Context())
	hangUp()
	tb.exporter.Refresh(ctx)
}
