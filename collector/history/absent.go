package history

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// maxUnmet is the most runs that are looked up one by one after a full read has
// not met them. If there are more, the lookback is read once more first.
const maxUnmet = 16

// readAllSurely reads the whole lookback and makes sure of what it did not meet.
// A list that shifts, shrinks or changes while it is read can hide a run, so one
// reading proves nothing: only a run that a look-up or a second reading does not
// meet either is gone.
func (r *reading) readAllSurely(ctx context.Context, way reader, b *Batch) error {
	if err := way.readAll(ctx, b); err != nil || b.kind == wholeLookback {
		return err
	}
	// In a resync a branch may have been renamed while it was read.
	halfRenamed := b.renamed && b.kind == resyncedRuns
	if halfRenamed || len(r.history.unmet(b)) > maxUnmet {
		if err := way.readAll(ctx, b); err != nil {
			return err
		}
	}
	if err := r.lookUpUnmet(ctx, way, b); err != nil {
		return err
	}
	b.absent = r.history.unmet(b)
	return nil
}

// lookUpUnmet looks up the runs that are held and were not met, where there are
// few. Where many are left, two readings have missed them.
func (r *reading) lookUpUnmet(ctx context.Context, way reader, b *Batch) error {
	unmet := r.history.unmet(b)
	if len(unmet) > maxUnmet {
		return nil
	}
	group, ctx := r.group(ctx)
	for _, id := range unmet {
		group.Go(func() error { return way.find(ctx, b, id) })
	}
	return group.Wait()
}

// group sends requests side by side, but those of a resync one at a time: that
// leaves the client's limits to the refreshes that go on beside it.
func (r *reading) group(ctx context.Context) (*errgroup.Group, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	if r.kind == resyncedRuns {
		group.SetLimit(1)
	}
	return group, ctx
}

// unmet returns the held runs of the lookback that a full read has not met.
// Those that refreshes look after are not among them: active ones, and what
// refreshes touched while a resync read.
func (h *History) unmet(b *Batch) (ids []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.cutoff(b.source.Now)
	for run := range h.runs.all() {
		_, met := b.seen[run.ID]
		if !met && !run.State.Active() && run.Created > since && (b.kind != resyncedRuns || !h.isTouched(run.ID)) {
			ids = append(ids, run.ID)
		}
	}
	return ids
}

// absentFrom returns the held runs that a full read takes out: those that are
// known to be gone, and those that have left the lookback.
func (h *History) absentFrom(b *Batch, since int64) []int64 {
	gone := b.absent
	for run := range h.runs.all() {
		if _, met := b.seen[run.ID]; !met && run.Created <= since {
			gone = append(gone, run.ID)
		}
	}
	return gone
}
