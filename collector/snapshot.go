package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// snapshot is what one scrape shows of one key.
type snapshot struct {
	key      string
	up       bool
	ended    bool // a refresh has
	took     time.Duration
	project  apiclient.Project // Slug is empty where it is not known, or served under another key
	readAt   time.Time         // zero before the first good refresh
	runs     int
	folded   int
	view     *view             // nil where no run metrics are served
	accounts map[place]account // as of the scrape, by group
}

// serve makes the snapshot of a scrape, which lets held back counts go.
func (t *tracker) serve(now time.Time, read holders) *snapshot {
	s := &snapshot{key: t.key.Name}
	duplicate := t.look(s, now, read)
	last := t.settle(duplicate)
	s.ended, s.took = last.ended, last.took
	s.up = s.view != nil && last.err == nil
	return s
}

// look takes from the history what a scrape shows of it, and tells where an
// earlier key shows the project.
func (t *tracker) look(s *snapshot, now time.Time, read holders) error {
	h := t.history
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.fold(now)
	s.readAt, s.runs, s.folded = h.readAt, v.runs, v.folded
	if err := read.claim(h.project.Slug, t.key.Name); err != nil {
		return err
	}
	s.project = h.project
	if h.fresh(now) {
		s.view = v
		h.ledger.serve(v, h.readAt, now)
		s.accounts = h.ledger.copy()
	}
	return nil
}

func (s *snapshot) emit(ch chan<- prometheus.Metric, windows []Window) {
	s.emitKey(ch)
	if s.view == nil {
		return
	}
	for _, g := range s.view.groups {
		e := &emitter{ch: ch, labels: []string{s.project.Slug, g.place.branch, g.place.environment}}
		e.group(g, windows, s.view)
		e.account(s.accounts[g.place])
	}
}

// emitKey emits what is told of a key whether its runs are served or not.
func (s *snapshot) emitKey(ch chan<- prometheus.Metric) {
	e := &emitter{ch: ch, labels: []string{s.key}}
	e.gauge(up, truth(s.up))
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
