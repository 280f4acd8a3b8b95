package history

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// maxLookUps is the most active runs that are looked up one by one. If there
// are more, reading the lists of active runs costs fewer requests.
const maxLookUps = 4

// byItem reads runs whose items carry their state.
type byItem struct{ *reading }

var _ reader = byItem{}

// readNew reads the newest pages down to known ground, and the active runs that
// those did not show.
func (r byItem) readNew(ctx context.Context, b *Batch) error {
	known := func(page *apiclient.Page) bool {
		return r.history.knows(page, func(item apiclient.Run, held *Run) bool {
			return held.State == stateOf(item.State)
		})
	}
	if err := r.readDown(ctx, r.query, known, r.take(b)); err != nil {
		return err
	}
	missing := r.history.activeNotIn(b)
	if len(missing) > maxLookUps {
		if err := r.readActive(ctx, b); err != nil {
			return err
		}
		missing = r.history.activeNotIn(b)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, id := range missing {
		group.Go(func() error { return r.find(ctx, b, id) })
	}
	return group.Wait()
}

// readAll implements reader.
func (r byItem) readAll(ctx context.Context, b *Batch) error {
	return r.readWhole(ctx, r.query, r.take(b))
}

// take takes the pages of the one list of all runs.
func (r byItem) take(b *Batch) takeFunc {
	return func(page *apiclient.Page) error {
		if err := b.take(page); err != nil {
			return err
		}
		return b.expect(list{}, page, 1)
	}
}

// readActive reads the lists of active runs, which are short, to their ends.
func (r byItem) readActive(ctx context.Context, b *Batch) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range lists[:ActiveStates] {
		group.Go(func() error { return r.readDown(ctx, l.query(r.query), untilEnd, b.take) })
	}
	return group.Wait()
}

// find asks for one run, and drops it where the API no longer knows it.
func (r byItem) find(ctx context.Context, b *Batch, id int64) error {
	page, err := r.pageOf(ctx, id, apiclient.Query{ID: id})
	if err != nil {
		return err
	}
	if empty(page) {
		b.drop(id)
	}
	return takeFound(page, b.take)
}

// pageOf asks for one run. The page is nil where the API answers 404.
func (r *reading) pageOf(ctx context.Context, id int64, q apiclient.Query) (*apiclient.Page, error) {
	page, err := r.Session.Page(ctx, q)
	if status, ok := errors.AsType[*apiclient.StatusError](err); ok && status.Code == http.StatusNotFound {
		return nil, nil //nolint:nilnil // that there is no such run is an answer too
	}
	if err != nil {
		return nil, err
	}
	return onlyRun(page, id)
}

// empty reports whether there is no run, nor a refused item, which may be the
// run that was asked for.
func empty(page *apiclient.Page) bool {
	return page == nil || len(page.Runs)+len(page.Refused) == 0
}

// takeFound takes what pageOf returned, if anything: an empty page still says
// whose runs it shows.
func takeFound(page *apiclient.Page, take takeFunc) error {
	if page == nil {
		return nil
	}
	return take(page)
}

// onlyRun leaves one run on a page. A page that shows only other runs is an
// error: an API that ignores the id does not say whether the run is gone.
func onlyRun(page *apiclient.Page, id int64) (*apiclient.Page, error) {
	kept := *page
	kept.Runs = nil
	for _, item := range page.Runs {
		if item.ID == id {
			kept.Runs = append(kept.Runs, item)
		}
	}
	if len(kept.Runs) == 0 && len(page.Runs) > 0 {
		return nil, &apiclient.ResponseError{
			Where: "data.test_runs.items",
			Err:   fmt.Errorf("other runs, where run %d was asked for", id),
		}
	}
	return &kept, nil
}
