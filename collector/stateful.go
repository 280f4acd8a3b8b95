package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// maxLookUps is the most active runs that are looked up one by one; if there
// are more, reading the lists of active runs costs fewer requests.
const maxLookUps = 4

// readStateful reads what is new where items carry their state: the newest
// pages until known ground, and the active runs that those did not show.
func (f *refresh) readStateful(ctx context.Context, r *reading) error {
	known := func(page *apiclient.Page) bool { return f.history.knows(page, anyList) }
	if err := readNewest(ctx, f.session, f.query, known, r.take); err != nil {
		return err
	}
	missing := f.history.activeNotIn(r)
	if len(missing) > maxLookUps {
		if err := f.readActive(ctx, r); err != nil {
			return err
		}
		missing = f.history.activeNotIn(r)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, id := range missing {
		group.Go(func() error { return f.lookUp(ctx, r, id) })
	}
	return group.Wait()
}

// readNewest reads a list from its newest page until known ground. A list that
// is not newest first has no known ground and is read to its end.
func readNewest(
	ctx context.Context, session *apiclient.Session, q apiclient.Query,
	known func(*apiclient.Page) bool, take func(*apiclient.Page) error,
) error {
	ordered, before := true, (*apiclient.Page)(nil)
	for page, err := range session.Pages(ctx, q) {
		if err != nil {
			return err
		}
		if err := take(page); err != nil {
			return err
		}
		ordered = ordered && page.NewestFirst() && page.Follows(before)
		before = page
		if ordered && known(page) {
			return nil
		}
	}
	return nil
}

// readActive reads the lists of active runs, which are short, whole.
func (f *refresh) readActive(ctx context.Context, r *reading) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range lists[:activeStates] {
		group.Go(func() error {
			return readNewest(ctx, f.session, l.query(f.query), neverKnown, r.take)
		})
	}
	return group.Wait()
}

// lookUp asks for one run, and drops it where the API knows it no more.
func (f *refresh) lookUp(ctx context.Context, r *reading, id int64) error {
	page, err := f.session.Page(ctx, apiclient.Query{ID: id})
	switch {
	case notFound(err):
		r.drop(id)
		return nil
	case err != nil:
		return err
	}
	if page, err = only(page, id); err != nil {
		return err
	}
	if empty(page) {
		r.drop(id)
	}
	return r.take(page)
}

// empty tells whether a page shows nothing, not even an item that is refused
// and may be the run that was looked for.
func empty(page *apiclient.Page) bool { return len(page.Runs)+len(page.Refused) == 0 }

// only makes sure that a page that was to show one run shows no other: an API
// that ignores the id says nothing of whether the run is gone.
func only(page *apiclient.Page, id int64) (*apiclient.Page, error) {
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

func notFound(err error) bool {
	var status *apiclient.StatusError
	return errors.As(err, &status) && status.Code == http.StatusNotFound
}
