package collector

import (
	"regexp"
	"time"

	"github.com/go-kit/log/level"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// Key is an API key under its configured name.
type Key struct {
	Name     string
	Client   *apiclient.Client
	Settings Settings
}

// Settings are what a project has of its own. A zero field takes the Config's.
type Settings struct {
	// Team is the value of the label team; empty is no such label.
	Team string
	// Branches, KeepBranches and MaxGroups are as in Config.
	Branches, KeepBranches *regexp.Regexp
	MaxGroups              int
}

// in returns a configuration with these settings in place of its own.
func (s *Settings) in(config *Config) *Config {
	merged := *config
	if s.Branches != nil {
		merged.Branches = s.Branches
	}
	if s.KeepBranches != nil {
		merged.KeepBranches = s.KeepBranches
	}
	if s.MaxGroups != 0 {
		merged.MaxGroups = s.MaxGroups
	}
	return &merged
}

// Reload says how the last reading of the configuration file ended.
type Reload struct {
	OK        bool      // it was taken over
	Succeeded time.Time // when a reading last was
}

// SetReload shows how the configuration file was last read. It is shown from the
// first call on.
func (e *Exporter) SetReload(r Reload) { e.reload.Store(&r) }

func (r *Reload) emit(e *emitter) {
	e.gauge(reloadSuccessful, boolToFloat(r.OK))
	e.timestamp(reloadTimestamp, r.Succeeded.UnixNano())
}

// SetKeys replaces the keys. A key that stays, by its name, keeps its history and
// its counters, and its connections where its client stays too. New settings hold
// from the next scrape on. The refreshes of a key that goes are ended, and its
// series go. A new key's first refresh begins.
func (e *Exporter) SetKeys(keys []Key) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.Ready() // a key that appears later does not change it any more
	gone := map[string]*tracker{}
	for _, t := range e.all() {
		gone[t.name] = t
	}
	var all, added []*tracker
	for _, key := range keys {
		t := gone[key.Name]
		if t == nil {
			// Its series were not there at the last scrape.
			t = e.newTracker(key, e.askedAt)
			added = append(added, t)
			_ = level.Info(e.logger).Log("msg", "a new key", "key", key.Name)
		} else {
			t.setKey(key)
		}
		delete(gone, key.Name)
		all = append(all, t)
	}
	e.trackers.Store(&all)
	for _, t := range gone {
		_ = level.Info(e.logger).Log("msg", "a key is gone, and its series with it", "key", t.name)
		e.closing.Go(t.close)
	}
	for _, t := range added {
		t.ask()
	}
}

// setKey sets the client and the settings. With another client a refresh is due.
func (t *tracker) setKey(key Key) {
	key.Settings.Team = history.LabelValue(key.Settings.Team)
	before := t.key.Swap(&key)
	if before == nil || before.Client == key.Client {
		return
	}
	before.Client.CloseIdle()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.began = time.Time{}
}
