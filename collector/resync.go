package collector

import (
	"context"
	"maps"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// resync reads the whole lookback again, for what a warm refresh does not look
// at: snoozes and deletions of finished runs. Refreshes go on meanwhile; what
// they learn goes before what the resync read.
func (f *refresh) resync(ctx context.Context, exclusively func(func())) error {
	project, stateless := f.history.standing()
	f.history.beginLearning()
	defer f.history.endLearning()
	r, err := f.readAgain(ctx, project, stateless)
	if err != nil {
		exclusively(func() { f.history.prune(f.now) })
		return err
	}
	exclusively(func() { f.history.reconcile(r) })
	return nil
}

func (f *refresh) readAgain(ctx context.Context, project apiclient.Project, stateless bool) (*reading, error) {
	return f.read(ctx, project, stateless, f.again(f.wholeStateful), f.again(f.wholeStateless))
}

// again makes a reading keep only what differs from what is held: a copy of
// everything would double the memory.
func (f *refresh) again(read readFunc) readFunc {
	return func(ctx context.Context, r *reading) error {
		r.isHeld = f.history.holds
		r.seen = map[int64]struct{}{}
		return read(ctx, r)
	}
}

// holds tells whether a run is held just so.
func (h *history) holds(r run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.runs.get(r.id)
	return held != nil && held.same(r)
}

func (h *history) beginLearning() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.learnt = map[int64]struct{}{}
}

func (h *history) endLearning() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.learnt = nil
}

// reconcile takes what a resync read. Active runs of the lookback that it did
// not meet are left to the next refresh, which looks them up.
func (h *history) reconcile(r *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if isOther(r.project, h.project) {
		return // the key went to another project meanwhile
	}
	for run := range r.runs.each() {
		if h.supersedes(run) {
			h.put(*run, r.now)
		}
	}
	since := h.cutoff(r.now)
	var gone []int64
	for run := range h.runs.each() {
		_, seen := r.seen[run.id]
		_, learnt := h.learnt[run.id]
		lookedUp := run.state.active() && run.created > since
		if !seen && !learnt && !lookedUp {
			gone = append(gone, run.id)
		}
	}
	maps.DeleteFunc(h.vanished, func(_, created int64) bool { return created <= since })
	for _, id := range gone {
		h.forget(id, since)
	}
	h.wholeAt = r.now
}

// prune drops what has long left the lookback, in place of a resync that failed.
func (h *history) prune(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.cutoff(now.Add(-maxSkew))
	var gone []int64
	for run := range h.runs.each() {
		if run.created <= since {
			gone = append(gone, run.id)
		}
	}
	for _, id := range gone {
		h.runs.remove(id)
	}
	maps.DeleteFunc(h.vanished, func(_, created int64) bool { return created <= since })
}

// supersedes tells whether a run as a resync read it is newer than what is
// held. Of what a refresh learnt meanwhile it is known to be only where the run
// has moved on.
func (h *history) supersedes(r *run) bool {
	if _, learnt := h.learnt[r.id]; !learnt {
		return true
	}
	held := h.runs.get(r.id)
	return held != nil && r.state.later(held.state)
}
