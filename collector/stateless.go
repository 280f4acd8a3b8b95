package collector

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// list is one of the API's lists by which a run's state and result are known
// where items do not carry them.
type list struct {
	state   state
	outcome outcome
	result  apiclient.Result
}

// lists are in the order in which a run passes through them. A run that moves
// on while they are read one after another is met in one of them at least.
// Snoozing makes a failed run a passed one.
var lists = [...]list{
	{pending, noOutcome, ""},
	{queued, noOutcome, ""},
	{started, noOutcome, ""},
	{cancelling, noOutcome, ""},
	{cancelled, cancelledRun, ""},
	{errored, errorRun, ""},
	{ended, failedRun, apiclient.Failed},
	{ended, passedRun, apiclient.Passed},
}

func (l list) query(q apiclient.Query) apiclient.Query {
	q.State, q.Result = apiclient.State(l.state.String()), l.result
	return q
}

// readStateless reads what is new where items do not carry their state: the
// eight lists, all at once, and the active runs that vanished from theirs.
func (f *refresh) readStateless(ctx context.Context, r *reading) error {
	group, within := errgroup.WithContext(ctx)
	for _, l := range lists {
		known := func(page *apiclient.Page) bool { return f.history.knows(page, l) }
		if l.state.active() {
			known = neverKnown
		}
		take := func(page *apiclient.Page) error { return r.takeListed(page, l) }
		group.Go(func() error { return readNewest(within, f.session, l.query(f.query), known, take) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	group, within = errgroup.WithContext(ctx)
	for _, id := range f.history.activeNotIn(r) {
		group.Go(func() error { return f.find(within, r, id) })
	}
	return group.Wait()
}

func neverKnown(*apiclient.Page) bool { return false }

// find asks the lists of finished runs for a run that vanished from those of
// active ones: one that was active for long stands deep in its list.
func (f *refresh) find(ctx context.Context, r *reading, id int64) error {
	group, within := errgroup.WithContext(ctx)
	var found atomic.Bool
	for _, l := range lists[activeStates:] {
		group.Go(func() error { return f.findIn(within, r, id, l, &found) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// It may have moved from one active list to another while they were read.
	for _, l := range lists {
		if found.Load() {
			return nil
		}
		if err := f.findIn(ctx, r, id, l, &found); err != nil {
			return err
		}
	}
	if !found.Load() {
		r.drop(id)
	}
	return nil
}

func (f *refresh) findIn(ctx context.Context, r *reading, id int64, l list, found *atomic.Bool) error {
	page, err := f.session.Page(ctx, l.query(apiclient.Query{ID: id}))
	switch {
	case notFound(err):
		return nil
	case err != nil:
		return err
	}
	if page, err = only(page, id); err != nil {
		return err
	}
	if !empty(page) {
		found.Store(true)
	}
	return r.takeListed(page, l)
}
