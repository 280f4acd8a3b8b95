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
func (t *tracker) serve(now time.Time) *snapshot {
	last := t.settleDuplicate()
	s := &snapshot{key: t.key.Name, ended: last.ended, took: last.took}
	h := t.history
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.fold(now)
	s.readAt, s.runs, s.folded = h.readAt, v.runs, v.folded
	if t.claims.holder(t.index) != nil {
		return s
	}
	s.project = h.project
	if h.readAt.IsZero() || now.Sub(h.readAt) > t.config.MaxStaleness {
		return s
	}
	s.up = last.err == nil
	s.view = v
	h.ledger.serve(v, h.readAt, now)
	s.accounts = h.ledger.copy()
	return s
}

// settleDuplicate turns a refresh that worked into a failed one where an earlier
// key turned out to be of the same project only after it.
func (t *tracker) settleDuplicate() result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.claims.holder(t.index); err != nil && t.last.ended && t.last.err == nil {
		t.last.err = err
		t.tellFailure(err)
	}
	return t.last
}

// giveWay takes the runs off where an earlier key has just shown the same
// project: a key that was given to another project and cannot read it yet still
// holds the runs of the former. Twice the same series would cost both.
func (s *snapshot) giveWay(shown map[string]bool) {
	switch slug := s.project.Slug; {
	case s.view == nil:
	case shown[slug]:
		s.view, s.up, s.project = nil, false, apiclient.Project{}
	default:
		shown[slug] = true
	}
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
