package collector

// Held counts all runs that are held, those too that have left the lookback.
func (e *Exporter) Held() int {
	held := 0
	for _, t := range e.trackers {
		t.history.mu.Lock()
		held += t.history.runs.count
		t.history.mu.Unlock()
	}
	return held
}

// Resyncing tells whether a resync is under way.
func (e *Exporter) Resyncing() bool {
	for _, t := range e.trackers {
		t.mu.Lock()
		busy := t.busy
		t.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}
