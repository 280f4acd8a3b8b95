package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// snapshot is what one scrape shows of one key.
type snapshot struct {
	up     bool
	ended  bool // a refresh has
	took   time.Duration
	info   history.Info // Project.Slug is empty where it is not known, or shown under another key
	runs   int
	folded int
	groups *groups         // nil where no run metrics are shown
	tests  *testcases.View // nil where none are read
}

// show brings the tracker up to a scrape, and sends what the scrape shows to an
// output. Counters whose hold is over count at this moment.
func (t *tracker) show(now time.Time, owners owners, to output) {
	settings := t.key.Load().Settings
	t.showing.Lock()
	defer t.showing.Unlock()
	var s snapshot
	duplicate := t.look(&s, settings.in(&t.config), now, owners)
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	s.ended, s.took = last.ended, last.took
	s.up = s.groups != nil && last.err == nil && duplicate == nil
	s.tests = t.tests.View(now, s.info.Project.Slug)
	if to.ch != nil {
		t.sendTo(to.ch, &s, settings.Team)
	}
	if to.kept != nil {
		t.keepIn(to.kept, &s, settings.Team)
	}
}

// look takes from the history what a scrape shows of it, and brings the counters
// up to that. It returns a *duplicateError where an earlier key shows the project.
func (t *tracker) look(s *snapshot, config *Config, now time.Time, owners owners) (duplicate error) {
	var all *groups
	t.history.View(func(view *history.View) {
		s.info = view.Info
		all = t.folding.update(view, config, now)
	})
	s.runs, s.folded = all.runs, all.folded
	fresh := t.fresh(s.info.ReadAt, now)
	if err := owners.check(s.info.Project.Slug, t.name, fresh); err != nil {
		s.info.Project.Slug = ""
		return err
	}
	if fresh {
		if t.yielded {
			t.counters.restart()
			t.yielded = false
		}
		s.groups = all
		t.counters.update(all, s.info.ReadAt, now)
	}
	return nil
}

// yieldCounters notes where another key shows the project. It writes the same
// series and counts what finishes meanwhile, so this key's counters begin anew
// when they are shown again.
func (t *tracker) yieldCounters(owners owners) {
	t.showing.Lock()
	defer t.showing.Unlock()
	if owner := owners.owner(t.history.Info().Project.Slug); owner != "" && owner != t.name {
		t.yielded = true
	}
}

// fresh reports whether what was read then may be shown. What was read in the
// future was read before the clock was set back, nobody knows how long ago.
func (t *tracker) fresh(readAt, now time.Time) bool {
	return !readAt.IsZero() && now.Sub(readAt).Abs() <= t.config.MaxStaleness
}

// output is where the series of a scrape go: to a registry, or to what is kept
// between scrapes. The other of both is nil.
type output struct {
	ch   chan<- prometheus.Metric
	kept *exposition
}

// sendTo sends all series to a registry.
func (t *tracker) sendTo(ch chan<- prometheus.Metric, s *snapshot, team string) {
	ofKey := &emitter{ch: ch, labels: []string{t.name}, team: team}
	s.emitKey(ofKey)
	t.metrics.emit(ofKey)
	if s.groups == nil {
		return
	}
	project := history.LabelValue(s.info.Project.Slug)
	(&emitter{ch: ch, labels: []string{project}, team: team}).tests(s.tests)
	for _, g := range s.groups.all {
		e := &emitter{ch: ch, labels: []string{project, g.key.Branch, g.key.Environment}, team: team}
		t.emitGroup(e, g, s.groups)
	}
}

// keepIn brings the kept series up to date. Of the groups it emits those that have
// changed.
func (t *tracker) keepIn(x *exposition, s *snapshot, team string) {
	k := x.key(t, team, history.LabelValue(s.info.Project.Slug))
	e := &emitter{part: k.part}
	k.part.begin()
	s.emitKey(e)
	t.metrics.emit(e)
	k.part.end()
	tests := k.testsPart()
	tests.begin()
	if s.groups != nil {
		(&emitter{part: tests}).tests(s.tests)
	}
	tests.end()
	if s.groups != nil {
		for _, g := range s.groups.all {
			if p, changed := k.group(g, t.counters.groups[g.key]); changed {
				p.begin()
				t.emitGroup(&emitter{part: p}, g, s.groups)
				p.end()
			}
		}
	}
	k.end()
}

func (t *tracker) emitGroup(e *emitter, g *group, of *groups) {
	e.group(g, of, t.config.Windows)
	e.counters(t.counters.groups[g.key], of.unit)
}

// emitKey emits what is shown of a key whether its runs are shown or not.
func (s *snapshot) emitKey(e *emitter) {
	e.gauge(up, boolToFloat(s.up))
	e.count(heldRuns, s.runs)
	e.count(foldedGroups, s.folded)
	if p := s.info.Project; p.Slug != "" {
		e.gauge(projectInfo, 1, history.LabelValue(p.Slug), history.LabelValue(p.Name), history.LabelValue(p.RepoName))
	}
	if !s.info.ReadAt.IsZero() {
		e.timestamp(snapshotTimestamp, s.info.ReadAt.UnixNano())
		e.timestamp(lastResyncTimestamp, s.info.FullReadAt.UnixNano())
		f := s.info.Format
		e.gauge(apiInfo, 1, f.Unit.String(), choose(f.ByList, "list", "item"), choose(f.Starts, "yes", "no"))
	}
	if s.ended {
		e.gauge(lastRefreshDuration, s.took.Seconds())
	}
	if s.tests != nil {
		e.gauge(testCasesUp, boolToFloat(s.tests.Up))
		if !s.tests.ReadAt.IsZero() {
			e.timestamp(testCasesTimestamp, s.tests.ReadAt.UnixNano())
		}
	}
}

func choose(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// Status says how a key is doing, for people.
type Status struct {
	Key string
	history.Info
	Runs  int   // in the lookback
	Ended bool  // the first refresh has ended, well or badly
	Err   error // that the last refresh ended with, or that an earlier key shows the project
}

func (t *tracker) status(now time.Time, owners owners) Status {
	s := Status{Key: t.name, Info: t.history.Info(), Runs: t.history.Count(now)}
	t.mu.Lock()
	s.Ended, s.Err = t.last.ended, t.last.err
	t.mu.Unlock()
	duplicate := owners.check(s.Project.Slug, t.name, t.fresh(s.ReadAt, now))
	if s.Err == nil {
		s.Err = duplicate
	}
	return s
}
