package collector

import (
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// counters count the runs of one key that were seen to finish, for each group
// that is shown. Their owner is the key's tracker, under its lock showing; they
// have no lock of their own.
//
// A counter that is born at 1 shows no increase in a stock Prometheus. So what a
// new group counts is held back until it has been shown at 0 for a while.
type counters struct {
	hold     time.Duration
	project  apiclient.Project // whose runs are counted
	of       *groups           // of the last scrape; nil where there are no counters of it
	groups   map[history.GroupKey]*groupCounters
	finished []history.Run // since the last scrape
	errors   []history.Run // whose group went while their code was held back

	// shownAt is when the runs of the last scrape were read, trueBefore when
	// those were read that were shown before them: a new series was not among
	// them, and counts from then. Both are the exporter's start at first.
	shownAt, trueBefore time.Time
}

// groupCounters are the counters of one group.
type groupCounters struct {
	created   time.Time // since when they count
	hold      zeroHold
	waiting   []history.Run // held back
	outcomes  [history.Outcomes]int
	tests     history.Tests
	errors    map[string]int // by documented error code
	others    map[string]*codeCounter
	durations *durationHistogram
	changes   int // counts changes of what is shown
}

// codeCounter counts the errors of one undocumented code.
type codeCounter struct {
	created time.Time
	hold    zeroHold
	waiting []history.Run // held back; in all other counters of their group
	count   int
}

// zeroHold holds back what a new series would count.
type zeroHold struct{ shown time.Time } // when the series was first shown

// over reports, at a scrape, whether a series may count: it has been shown at 0
// before, and for long enough.
func (h *zeroHold) over(now time.Time, hold time.Duration) bool {
	if h.shown.IsZero() || now.Before(h.shown) {
		h.shown = now
		return false
	}
	return now.Sub(h.shown) >= hold
}

func newCounters(start time.Time, hold time.Duration) *counters {
	return &counters{
		hold: hold, groups: map[history.GroupKey]*groupCounters{},
		shownAt: start, trueBefore: start,
	}
}

// add notes runs of a project that were just seen to finish. The next scrape,
// which knows the groups, counts them. Another project begins with no counters.
func (c *counters) add(project apiclient.Project, finished []history.Run) {
	if !history.SameProject(project, c.project) {
		c.restart()
	}
	c.project = project
	c.finished = append(c.finished, finished...)
}

// update brings the counters up to the groups of a scrape. ReadAt is when the
// runs in the groups were read.
func (c *counters) update(g *groups, readAt, now time.Time) {
	if !readAt.Equal(c.shownAt) {
		c.trueBefore, c.shownAt = c.shownAt, readAt
	}
	if c.trueBefore.After(readAt) {
		c.rewind(readAt)
	}
	if g != c.of {
		c.regroup(g)
	}
	for _, r := range c.finished {
		if group := g.of(r.Group); group != nil {
			counters := c.groups[group.key]
			counters.waiting = append(counters.waiting, r)
		}
	}
	for _, r := range c.errors {
		if group := g.of(r.Group); group != nil {
			c.groups[group.key].countError(&r, g.codes, c.trueBefore)
		}
	}
	c.finished, c.errors = nil, nil
	for _, group := range c.groups {
		group.update(g.codes, c.trueBefore, now, c.hold)
	}
}

// regroup begins counters for new groups, and ends those of groups that are gone.
func (c *counters) regroup(g *groups) {
	c.of = g
	shown := make(map[history.GroupKey]bool, len(g.all))
	for _, group := range g.all {
		shown[group.key] = true
		if c.groups[group.key] == nil {
			c.groups[group.key] = newGroupCounters(c.trueBefore)
		}
	}
	for key, group := range c.groups {
		if !shown[key] {
			c.finished = append(c.finished, group.waiting...)
			for _, other := range group.others {
				c.errors = append(c.errors, other.waiting...)
			}
			delete(c.groups, key)
		}
	}
}

// longestScrape is longer than any scrape waits for what was read then.
const longestScrape = time.Hour

// rewind moves all created timestamps before a scrape, after the clock was set
// back.
func (c *counters) rewind(readAt time.Time) {
	c.trueBefore = readAt.Add(-longestScrape)
	for _, group := range c.groups {
		group.changes++
		group.created = earlier(group.created, c.trueBefore)
		for _, other := range group.others {
			other.created = earlier(other.created, c.trueBefore)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// restart forgets all that was counted.
func (c *counters) restart() {
	clear(c.groups)
	c.of = nil
	c.finished, c.errors = nil, nil
}

func newGroupCounters(created time.Time) *groupCounters {
	return &groupCounters{
		created:   created,
		errors:    map[string]int{},
		others:    map[string]*codeCounter{},
		durations: newDurationHistogram(),
	}
}

func (c *groupCounters) update(codes shownCodes, created, now time.Time, hold time.Duration) {
	for code, other := range c.others {
		if !codes[code] {
			c.changes++
			c.errors[history.UnknownCode] += len(other.waiting)
			delete(c.others, code)
		}
	}
	for i := range c.waiting {
		c.addCode(&c.waiting[i], codes, created)
	}
	if c.hold.over(now, hold) {
		for i := range c.waiting {
			c.count(&c.waiting[i], codes, created)
		}
		c.waiting = nil
	}
	for _, other := range c.others {
		if other.hold.over(now, hold) && len(other.waiting) > 0 {
			c.changes++
			other.count += len(other.waiting)
			other.waiting = nil
		}
	}
}

// addCode gives an undocumented error code its series, at 0.
func (c *groupCounters) addCode(r *history.Run, codes shownCodes, created time.Time) {
	if code := codes.label(r.Code.Value()); r.Outcome == history.OutcomeError && !documented(code) && c.others[code] == nil {
		c.others[code] = &codeCounter{created: created}
		c.changes++
	}
}

// countError counts the error code of a run. An undocumented one waits until its
// series has been shown at 0.
func (c *groupCounters) countError(r *history.Run, codes shownCodes, created time.Time) {
	code := codes.label(r.Code.Value())
	if documented(code) {
		c.errors[code]++
		c.changes++
		return
	}
	c.addCode(r, codes, created)
	c.others[code].waiting = append(c.others[code].waiting, *r)
}

func (c *groupCounters) count(r *history.Run, codes shownCodes, created time.Time) {
	c.changes++
	c.outcomes[r.Outcome]++
	if r.Outcome == history.OutcomeError {
		c.countError(r, codes, created)
	}
	if r.State != history.Ended {
		return
	}
	c.tests.Add(r.Tests)
	if r.Duration >= 0 {
		c.durations.observe(r)
	}
}
