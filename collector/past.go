package collector

import (
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// Past computes gauges of a project's runs as a scrape would have shown them at
// moments of the past, each of them after the one before. Where little changes
// from one to the next, little is computed.
type Past struct {
	config  *Config
	runs    *history.Past
	folding *folding
	groups  *groups // of the last moment; nil before the first
	shown   map[history.GroupKey]*shownGroup
	moments uint64 // so far
	changed []PastGroup
}

// shownGroup is a group as it was last shown.
type shownGroup struct {
	*group

	moment uint64 // when it was last there
}

// PastGroup is a group of which something has changed since the moment before.
type PastGroup struct {
	Key history.GroupKey
	// Gauges are all gauges of the group that the past can be asked for, in an order
	// that stays. There are none where the group is gone.
	Gauges []PastGauge
}

// PastGauge is one gauge at one moment.
type PastGauge struct {
	Metric *Metric
	// Labels are the values of the metric's labels but for the first three, which are
	// project, branch and environment.
	Labels []string
	Value  float64
}

// NewPast returns the past of runs that are to be understood by a configuration,
// and by what the project has of its own.
func NewPast(runs *history.Past, settings Settings, config Config) *Past {
	own := settings.in(&config)
	return &Past{config: own, runs: runs, folding: newFolding(own), shown: map[history.GroupKey]*shownGroup{}}
}

// At returns the groups of which something has changed since the last call, which
// was for an earlier moment. They are valid until the next call. Left out is what
// nobody knows afterwards: which runs were in an active state, and in which.
func (p *Past) At(moment time.Time) (changed []PastGroup) {
	now := p.folding.update(p.runs.At(moment), p.config, moment)
	if now == p.groups {
		return nil
	}
	p.groups = now
	p.moments++
	p.changed = p.changed[:0]
	for _, g := range now.all {
		s := p.shown[g.key]
		if s == nil {
			s = &shownGroup{}
			p.shown[g.key] = s
		}
		s.moment = p.moments
		if s.group != g {
			s.group = g
			(&emitter{past: p.add(g.key)}).recentAndLast(g, now, p.config.Windows)
		}
	}
	for key, s := range p.shown {
		if s.moment != p.moments {
			delete(p.shown, key)
			p.add(key)
		}
	}
	return p.changed
}

// add adds a group without gauges to what has changed. The memory of an earlier
// one is used again.
func (p *Past) add(key history.GroupKey) *PastGroup {
	n := len(p.changed)
	p.changed = slices.Grow(p.changed, 1)[:n+1]
	g := &p.changed[n]
	g.Key, g.Gauges = key, g.Gauges[:0]
	return g
}

func (g *PastGroup) add(m *Metric, value float64, labels []string) {
	g.Gauges = append(g.Gauges, PastGauge{m, labels, value})
}
