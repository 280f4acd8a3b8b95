package history

import (
	"context"
	"math"
	"time"
)

// Resync reads the whole lookback again, for what a refresh does not look at:
// snoozes and deletions of finished runs. Refreshes may go on meanwhile; what
// they learn wins over what the resync read.
//
// One resync may be under way at a time. It ends with Apply, or with Prune where
// it fails. The errors are those of Refresh.
func (h *History) Resync(ctx context.Context, source Source) (*Batch, error) {
	h.mu.Lock()
	h.touched, h.refreshed, h.reread, h.newest = map[int64]struct{}{}, false, false, math.MinInt64
	for run := range h.runs.all() {
		h.newest = max(h.newest, run.Created)
	}
	h.mu.Unlock()
	return h.newReading(source, resyncedRuns).run(ctx)
}

// Prune ends a resync that failed. It drops what has left the lookback by so
// much that no skewed clock can bring it back.
func (h *History) Prune(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.touched = nil
	since := h.cutoff(now.Add(-maxSkew))
	var old []int64
	for run := range h.runs.all() {
		if run.Created <= since {
			old = append(old, run.ID)
		}
	}
	for _, id := range old {
		if run := h.runs.get(id); run.resolved { // and may come back, where it is the clock that is wrong
			h.tombstones[id] = run.Created
		}
		h.runs.remove(id)
	}
}

// reconcile takes what a resync read. Active runs of the lookback that it did
// not meet are left to the next refresh, which looks them up.
func (h *History) reconcile(b *Batch) (finished []Run) {
	if h.touched == nil {
		return nil // all that was held has been replaced meanwhile
	}
	since := h.cutoff(b.source.Now)
	for run := range b.runs.all() {
		if h.supersedes(run) && h.put(*run) && run.Created > since {
			finished = append(finished, *run)
		}
	}
	for _, id := range h.absentFrom(b, since) {
		if !h.isTouched(id) {
			h.drop(id, since)
		}
	}
	h.removeTombstones(since)
	h.understand(b, !h.reread, len(finished))
	return finished
}

// supersedes reports whether a run as a resync read it is newer than what is
// held. Of a run that a refresh touched meanwhile it is known to be only where
// the run has moved on.
func (h *History) supersedes(r *Run) bool {
	held := h.runs.get(r.ID)
	if held == nil && h.refreshed && r.Created > h.newest {
		return false // a refresh has read all that was new, and did not meet it: it is gone
	}
	if !h.isTouched(r.ID) {
		return true
	}
	return held != nil && r.State.later(held.State)
}
