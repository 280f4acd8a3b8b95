package collector

import (
	"context"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// wholeStateful reads all runs of the lookback where items carry their state.
func (f *refresh) wholeStateful(ctx context.Context, r *reading) error {
	return f.whole(ctx, f.query, r.take)
}

// wholeStateless reads the eight lists, one after another: a run that moves on
// meanwhile is then met in one of them at least.
func (f *refresh) wholeStateless(ctx context.Context, r *reading) error {
	for _, l := range lists {
		take := func(page *apiclient.Page) error { return r.takeListed(page, l) }
		if err := f.whole(ctx, l.query(f.query), take); err != nil {
			return err
		}
	}
	return nil
}

// wholeFunc reads a list from its newest page to its end.
type wholeFunc func(ctx context.Context, q apiclient.Query, take func(*apiclient.Page) error) error

// sideBySide reads several pages at once.
func sideBySide(session *apiclient.Session) wholeFunc { return session.ReadAll }

// pageByPage has one request on its way at a time, which leaves the client's
// limits to refreshes that go on beside it.
func pageByPage(session *apiclient.Session) wholeFunc {
	return func(ctx context.Context, q apiclient.Query, take func(*apiclient.Page) error) error {
		return readNewest(ctx, session, q, neverKnown, take)
	}
}
