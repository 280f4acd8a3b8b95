package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// snapshot is what one scrape shows of one key.
type snapshot struct {
	key      string
	up       bool
	ended    bool // a refresh has
	took     time.Duration
	project  apiclient.Project // Slug is empty where it is not known, or shown under another key
	readAt   time.Time         // zero before the first good refresh
	runs     int
	folded   int
	groups   *groups // nil where no run metrics are shown
	counters map[history.GroupKey]groupCounters
}

// snapshot takes the snapshot of a scrape. Counters whose hold is over count at
// this moment.
func (t *tracker) snapshot(now time.Time, owners owners) *snapshot {
	s := &snapshot{key: t.key.Name}
	duplicate := t.look(s, now, owners)
	last := t.resolveDuplicate(duplicate)
	s.ended, s.took = last.ended, last.took
	s.up = s.groups != nil && last.err == nil
	return s
}

// look takes from the history and the counters what a scrape shows of them. It
// returns a *duplicateError where an earlier key shows the project.
func (t *tracker) look(s *snapshot, now time.Time, owners owners) (duplicate error) {
	t.showing.Lock()
	defer t.showing.Unlock()
	var all *groups
	t.history.View(now, func(view *history.View) {
		s.project, s.readAt = view.Project, view.ReadAt
		all = newGroups(view, &t.config, now)
	})
	s.runs, s.folded = all.runs, all.folded
	if err := owners.add(s.project.Slug, t.key.Name); err != nil {
		s.project = apiclient.Project{}
		return err
	}
	if t.fresh(s.readAt, now) {
		s.groups = all
		t.counters.update(all, s.readAt, now)
		s.counters = t.counters.copy()
	}
	return nil
}

// resolveDuplicate turns a refresh that worked into a failed one where an earlier
// key read the same project only after it. It returns how the last refresh ended.
func (t *tracker) resolveDuplicate(duplicate error) result {
	t.mu.Lock()
	late := duplicate != nil && t.last.ended && t.last.err == nil
	if late {
		t.last.err = duplicate
	}
	last := t.last
	t.mu.Unlock()
	if late {
		t.logFailure(duplicate)
	}
	return last
}

// fresh reports whether what was read then may be shown. What was read in the
// future was read before the clock was set back, nobody knows how long ago.
func (t *tracker) fresh(readAt, now time.Time) bool {
	return !readAt.IsZero() && now.Sub(readAt).Abs() <= t.config.MaxStaleness
}

func (s *snapshot) emit(ch chan<- prometheus.Metric, windows []Window) {
	s.emitKey(ch)
	if s.groups == nil {
		return
	}
	for _, g := range s.groups.all {
		e := &emitter{ch: ch, labels: []string{s.project.Slug, g.key.Branch, g.key.Environment}}
		e.group(g, windows, s.groups.codes)
		e.counters(s.counters[g.key])
	}
}

// emitKey emits what is shown of a key whether its runs are shown or not.
func (s *snapshot) emitKey(ch chan<- prometheus.Metric) {
	e := &emitter{ch: ch, labels: []string{s.key}}
	e.gauge(up, boolToFloat(s.up))
	e.count(heldRuns, s.runs)
	e.count(foldedGroups, s.folded)
	if s.project.Slug != "" {
		e.gauge(projectInfo, 1, s.project.Slug, s.project.Name, s.project.RepoName)
	}
	if !s.readAt.IsZero() {
		e.gauge(snapshotTimestamp, float64(s.readAt.UnixMilli())/1000)
	}
	if s.ended {
		e.gauge(lastRefreshDuration, s.took.Seconds())
	}
}

// Status says how a key is doing, for people.
type Status struct {
	Key     string
	Project apiclient.Project // Slug is empty before the first good refresh
	ReadAt  time.Time         // when the runs that are held were read; zero before the first good refresh
	Runs    int               // held, in the lookback
	Ended   bool              // the first refresh has ended, well or badly
	Err     error             // that the last refresh ended with
}

func (t *tracker) status(owners owners) Status {
	project, readAt, runs := t.held()
	last := t.resolveDuplicate(owners.add(project.Slug, t.key.Name))
	return Status{Key: t.key.Name, Project: project, ReadAt: readAt, Runs: runs, Ended: last.ended, Err: last.err}
}

// held counts the held runs of the lookback, and says whose they are and when
// they were read.
func (t *tracker) held() (project apiclient.Project, readAt time.Time, runs int) {
	t.history.View(t.now(), func(view *history.View) {
		project, readAt = view.Project, view.ReadAt
		for range view.Runs() {
			runs++
		}
	})
	return project, readAt, runs
}
