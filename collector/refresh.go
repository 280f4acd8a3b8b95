package collector

import (
	"context"
	"errors"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// refresh brings a history up to date, at a cost that does not grow with it.
type refresh struct {
	history *history
	session *apiclient.Session
	whole   wholeFunc
	query   apiclient.Query // bounds every list to the lookback
	now     time.Time
	check   func(slug string) error // refuses a project that is not this key's to serve
	refused *refusals
}

// run reads what is new, or everything where nothing of this project is held,
// and takes it into the history.
func (f *refresh) run(ctx context.Context) error {
	project, stateless := f.history.standing()
	if project.Slug == "" {
		return f.cold(ctx, stateless)
	}
	r, err := f.read(ctx, project, stateless, f.readStateful, f.readStateless)
	switch {
	case errors.Is(err, errNewProject):
		return f.cold(ctx, stateless)
	case err != nil:
		return err
	}
	f.history.update(r)
	return nil
}

// cold reads the whole lookback, with as many requests at once as there may be.
func (f *refresh) cold(ctx context.Context, stateless bool) error {
	r, err := f.read(ctx, apiclient.Project{}, stateless, f.wholeStateful, f.wholeStateless)
	if err != nil {
		return err
	}
	f.history.replace(r)
	return nil
}

type readFunc func(context.Context, *reading) error

// read reads in the way that the API's items allow. One item without state
// puts the whole reading on the stateless way.
func (f *refresh) read(ctx context.Context, held apiclient.Project, stateless bool, stateful, listed readFunc) (*reading, error) {
	if !stateless {
		r := f.reading(held)
		if err := stateful(ctx, r); !errors.Is(err, errNoState) {
			return r, err
		}
	}
	r := f.reading(held)
	return r, listed(ctx, r)
}

func (f *refresh) reading(held apiclient.Project) *reading {
	return &reading{now: f.now, held: held, check: f.check, refused: f.refused, runs: newRuns()}
}
