package collector

import (
	"maps"
	"time"
)

// ledger counts the runs that were seen to finish, for each group that is shown.
//
// A counter that is born at 1 shows no increase in a stock Prometheus. So what a
// new group counts is held back until it has been shown at 0 for a while.
type ledger struct {
	start    time.Time // of the exporter
	hold     time.Duration
	accounts map[place]*account
	unbooked []run // finished since the last scrape
	served   bool  // at least once: groups that come now are new
}

// account holds the counters of one group.
type account struct {
	created   time.Time // since when it counts
	gate      gate
	waiting   []run // held back
	outcomes  [outcomeCount]int
	tests     tests
	errors    map[string]int // by documented error code
	others    map[string]*otherCode
	durations durationHistogram
}

// otherCode counts the errors of one undocumented code.
type otherCode struct {
	created        time.Time
	gate           gate
	waiting, count int
}

// gate holds back what a new series would count.
type gate struct{ shown time.Time } // when the series was first served

// open tells, at a scrape, whether a series may count: it has been served at 0
// before, and for long enough.
func (g *gate) open(now time.Time, hold time.Duration) bool {
	if g.shown.IsZero() || now.Before(g.shown) {
		g.shown = now
		return false
	}
	return now.Sub(g.shown) >= hold
}

func newLedger(start time.Time, hold time.Duration) *ledger {
	return &ledger{start: start, hold: hold, accounts: map[place]*account{}}
}

// reset forgets all groups: they were another project's.
func (l *ledger) reset() {
	l.accounts = map[place]*account{}
	l.unbooked = nil
}

// finished notes a run that was just seen finished. The next scrape, which knows
// the groups, books it.
func (l *ledger) finished(r run) { l.unbooked = append(l.unbooked, r) }

// serve brings the accounts up to the groups of a scrape. ReadAt is when the
// runs of the view were read.
func (l *ledger) serve(v *view, readAt, now time.Time) {
	shown := map[place]bool{}
	for _, g := range v.groups {
		shown[g.place] = true
		if l.accounts[g.place] == nil {
			l.accounts[g.place] = l.newAccount(readAt)
		}
	}
	for p := range l.accounts {
		if !shown[p] {
			l.unbooked = append(l.unbooked, l.accounts[p].waiting...)
			delete(l.accounts, p)
		}
	}
	for _, r := range l.unbooked {
		if g := v.places[r.place]; g != nil {
			a := l.accounts[g.place]
			a.waiting = append(a.waiting, r)
		}
	}
	l.unbooked = nil
	for _, a := range l.accounts {
		a.serve(v, readAt, now, l.hold)
	}
	l.served = true
}

// copy returns the accounts as they stand. What only grows at a scrape, the
// histograms, is shared.
func (l *ledger) copy() map[place]account {
	all := make(map[place]account, len(l.accounts))
	for p, a := range l.accounts {
		all[p] = a.copy()
	}
	return all
}

func (a *account) copy() account {
	kept := *a
	kept.waiting = nil
	kept.errors = maps.Clone(a.errors)
	kept.others = make(map[string]*otherCode, len(a.others))
	for code, other := range a.others {
		o := *other
		kept.others[code] = &o
	}
	return kept
}

func (l *ledger) newAccount(readAt time.Time) *account {
	created := readAt
	if !l.served {
		created = l.start
	}
	return &account{
		created:   created,
		errors:    map[string]int{},
		others:    map[string]*otherCode{},
		durations: newDurationHistogram(),
	}
}

// announce gives an undocumented error code its series, at 0.
func (a *account) announce(r *run, v *view, readAt time.Time) {
	if code := v.code(r.code.Value()); r.outcome == errorRun && !documented(code) && a.others[code] == nil {
		a.others[code] = &otherCode{created: readAt}
	}
}

func (a *account) serve(v *view, readAt, now time.Time, hold time.Duration) {
	for code := range a.others {
		if !v.codes[code] {
			a.errors[unknownCode] += a.others[code].waiting
			delete(a.others, code)
		}
	}
	for i := range a.waiting {
		a.announce(&a.waiting[i], v, readAt)
	}
	if a.gate.open(now, hold) {
		for i := range a.waiting {
			a.book(&a.waiting[i], v)
		}
		a.waiting = nil
	}
	for _, other := range a.others {
		if other.gate.open(now, hold) {
			other.count += other.waiting
			other.waiting = 0
		}
	}
}

func (a *account) book(r *run, v *view) {
	a.outcomes[r.outcome]++
	if r.outcome == errorRun {
		if code := v.code(r.code.Value()); documented(code) {
			a.errors[code]++
		} else {
			a.others[code].waiting++
		}
	}
	if r.state != ended {
		return
	}
	a.tests.add(r.countedTests())
	if r.seconds >= 0 {
		a.durations.observe(r)
	}
}
