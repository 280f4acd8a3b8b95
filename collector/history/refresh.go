package history

import (
	"context"
	"errors"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// Source is what one refresh or resync reads from.
type Source struct {
	Session *apiclient.Session
	Now     time.Time // when the refresh begins
	// CheckProject refuses a project that is not this key's to serve. It is
	// called with the first page, and its error ends the reading.
	CheckProject func(slug string) error
	// Refused gets every item that is left out, whether the reading works or not.
	Refused *Refusals
}

// Refresh reads what is new, at a cost that does not grow with what is held; or
// the whole lookback where nothing of this project is held.
//
// The errors are those of [apiclient.Session.Page] and of CheckProject.
func (h *History) Refresh(ctx context.Context, source Source) (*Batch, error) {
	held := h.Info().Project
	if held.Slug == "" {
		return h.newReading(source, wholeLookback).run(ctx)
	}
	batch, err := h.newReading(source, newestRuns).run(ctx)
	if !errors.Is(err, errNewProject) {
		return batch, err
	}
	batch, err = h.newReading(source, wholeLookback).run(ctx)
	if err == nil && SameProject(batch.project, held) {
		err = batch.otherProject(held.Slug, "another")
	}
	return batch, err
}

// reading is one refresh or resync under way.
type reading struct {
	Source
	history *History
	kind    kind
	query   apiclient.Query // bounds every list to the lookback
}

func (h *History) newReading(source Source, k kind) *reading {
	return &reading{
		Source: source, history: h, kind: k,
		query: apiclient.Query{IntervalInDays: wholeDays(h.config.Lookback)},
	}
}

// wholeDays is the lookback as the API is asked for it: days, rounded up, and
// one more, since the API does not say where its days begin.
func wholeDays(lookback time.Duration) int {
	const day = 24 * time.Hour
	return int((lookback+day-1)/day) + 1
}

// reader is a way of reading runs into a batch.
type reader interface {
	// readNew reads what is new since the last refresh.
	readNew(ctx context.Context, b *Batch) error
	// readAll reads all runs of the lookback.
	readAll(ctx context.Context, b *Batch) error
	// find reads one run, or notes that it is gone.
	find(ctx context.Context, b *Batch, id int64) error
}

// run reads by item, or by list where items carry no state. One item without
// state puts the whole batch on reading by list.
func (r *reading) run(ctx context.Context) (*Batch, error) {
	held := r.history.Info()
	if r.kind == wholeLookback {
		held.Project = apiclient.Project{} // nothing is built on what is held
	}
	if !held.Format.ByList {
		batch := newBatch(r, held.Project)
		if err := r.fill(ctx, byItem{r}, batch); !errors.Is(err, errNoState) {
			return batch, err
		}
	}
	batch := newBatch(r, held.Project)
	return batch, r.fill(ctx, byList{r}, batch)
}

// fill reads what the batch is for. Where what is new shows that a branch or an
// environment was renamed, the whole lookback is read too, so that no old name
// keeps a part of its runs.
func (r *reading) fill(ctx context.Context, way reader, b *Batch) error {
	if !b.full {
		if err := way.readNew(ctx, b); err != nil {
			return err
		}
		b.full = b.renamed
	}
	if b.full {
		if err := r.readAllSurely(ctx, way, b); err != nil {
			return err
		}
	}
	return b.checkRefused()
}

type (
	takeFunc  func(*apiclient.Page) error
	knownFunc func(*apiclient.Page) bool
)

// untilEnd is for lists that have no known ground and are read to their end.
func untilEnd(*apiclient.Page) bool { return false }

// readDown reads a list from its newest page down to known ground. A list that
// is not newest first has no known ground and is read to its end.
func (r *reading) readDown(ctx context.Context, q apiclient.Query, known knownFunc, take takeFunc) error {
	ordered, before := true, (*apiclient.Page)(nil)
	for page, err := range r.Session.Pages(ctx, q) {
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

// readWhole reads a list to its end: with as many requests at once as there may
// be, or, for a resync, with one at a time, which leaves the client's limits to
// the refreshes that go on beside it.
func (r *reading) readWhole(ctx context.Context, q apiclient.Query, take takeFunc) error {
	if r.kind == resyncedRuns {
		return r.readDown(ctx, q, untilEnd, take)
	}
	return r.Session.ReadAll(ctx, q, take)
}
