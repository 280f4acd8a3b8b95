package history

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// list is one of the API's filtered lists. It says the state and the outcome of
// the runs in it.
type list struct {
	state   State
	outcome Outcome
	result  apiclient.Result
}

// lists are in the order in which a run passes through them, so that a run that
// moves on while they are read one after another is met in at least one.
// Snoozing makes a failed run a passed one, so passed runs come last.
var lists = [...]list{
	{Pending, NoOutcome, ""},
	{Queued, NoOutcome, ""},
	{Started, NoOutcome, ""},
	{Cancelling, NoOutcome, ""},
	{Cancelled, OutcomeCancelled, ""},
	{Errored, OutcomeError, ""},
	{Ended, OutcomeFailed, apiclient.Failed},
	{Ended, OutcomePassed, apiclient.Passed},
}

func (l list) query(q apiclient.Query) apiclient.Query {
	q.State, q.Result = apiclient.State(l.state.String()), l.result
	return q
}

// byList reads runs whose items carry no state, from the lists that do.
type byList struct{ *reading }

var _ reader = byList{}

// readNew reads the eight lists, all at once, and the active runs that are no
// longer in theirs.
func (r byList) readNew(ctx context.Context, b *Batch) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, l := range lists {
		group.Go(func() error { return r.readDown(groupCtx, l.query(r.query), r.knownIn(l), r.take(b, l)) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	group, groupCtx = errgroup.WithContext(ctx)
	for _, id := range r.history.activeNotIn(b) {
		group.Go(func() error { return r.find(groupCtx, b, id) })
	}
	return group.Wait()
}

// knownIn returns what known ground is in a list. Lists of active runs are short
// and have none: they are read to their ends.
//
// A new run that moved to another list while both were read may have been in
// neither. So what the last refresh first met in this list is no known ground,
// unless the list has as many runs as then: a run may have come in beneath it.
func (r byList) knownIn(l list) knownFunc {
	if l.state.Active() {
		return untilEnd
	}
	return func(page *apiclient.Page) bool {
		asLong := r.history.isAsLong(l, page)
		return r.history.knows(page, func(_ apiclient.Run, held *Run) bool {
			_, recent := r.history.recent[held.ID]
			return held.State == l.state && held.Outcome == l.outcome && (asLong || !recent)
		})
	}
}

// readAll reads the eight lists one after another, see lists.
func (r byList) readAll(ctx context.Context, b *Batch) error {
	for _, l := range lists {
		if err := r.readWhole(ctx, l.query(r.query), r.take(b, l)); err != nil {
			return err
		}
	}
	return nil
}

// take takes the pages of one list.
func (r byList) take(b *Batch, l list) takeFunc {
	return func(page *apiclient.Page) error {
		if err := b.takeListed(page, l); err != nil {
			return err
		}
		return b.expect(l, page, len(lists))
	}
}

// find asks the lists of finished runs for one run: it is no longer in those of
// active ones, and may stand deep in its list.
func (r byList) find(ctx context.Context, b *Batch, id int64) error {
	group, groupCtx := r.group(ctx)
	var found atomic.Bool
	for _, l := range lists[ActiveStates:] {
		group.Go(func() error { return r.findIn(groupCtx, b, id, l, &found) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// It may have moved from one active list to another while they were read.
	for _, l := range lists {
		if found.Load() {
			return nil
		}
		if err := r.findIn(ctx, b, id, l, &found); err != nil {
			return err
		}
	}
	if !found.Load() {
		b.drop(id)
	}
	return nil
}

func (r byList) findIn(ctx context.Context, b *Batch, id int64, l list, found *atomic.Bool) error {
	page, err := r.pageOf(ctx, id, l.query(apiclient.Query{ID: id}))
	if err != nil {
		return err
	}
	if !empty(page) {
		found.Store(true)
	}
	return takeFound(page, func(page *apiclient.Page) error { return b.takeListed(page, l) })
}
