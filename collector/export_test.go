package collector

import "github.com/empirical-exporter/empirical_exporter/collector/history"

// Held counts all runs that are held, those too that have left the lookback.
func (e *Exporter) Held() int {
	held := 0
	for _, t := range e.trackers {
		longAgo := t.now().AddDate(-100, 0, 0) // a lookback that ends then begins before all runs
		t.history.View(longAgo, func(view *history.View) {
			for range view.Runs() {
				held++
			}
		})
	}
	return held
}

// Resyncing reports whether a resync is under way.
func (e *Exporter) Resyncing() bool {
	for _, t := range e.trackers {
		t.mu.Lock()
		busy := t.resyncing
		t.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}
