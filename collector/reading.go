package collector

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// errNoState ends a reading that trusts items to carry their state.
var errNoState = errors.New("an item carries no state")

// errNewProject ends a reading that builds on runs of another project.
var errNewProject = errors.New("the key belongs to another project than before")

// maxSkew is how far ahead of the clock a created_at may be.
const maxSkew = 24 * time.Hour

// reading gathers what one refresh or resync reads, until all of it is taken
// into the history at once.
type reading struct {
	now     time.Time
	held    apiclient.Project // the project whose runs the reading builds on; zero for none
	check   func(slug string) error
	refused *refusals

	// isHeld tells whether a run is held just so already; a resync, which meets
	// every run, then only notes its id. It is nil for a refresh.
	isHeld func(run) bool

	mu         sync.Mutex
	project    apiclient.Project
	runs       *runs
	gone       []int64
	unreadable []int64            // ids of refused items; 0 for one that tells none
	seen       map[int64]struct{} // with isHeld: the ids of all runs met
	items      int
	states     int // items that carry their state
}

// take adds the runs of a page that carry their state.
func (r *reading) take(page *apiclient.Page) error {
	return r.takeAs(page, func(item apiclient.Run) (run, error) {
		if item.State == "" {
			return run{}, errNoState
		}
		return newRun(item), nil
	})
}

// takeListed adds the runs of a page of one list, in the state of the list.
func (r *reading) takeListed(page *apiclient.Page, l list) error {
	return r.takeAs(page, func(item apiclient.Run) (run, error) {
		return newRunIn(item, l.state, l.outcome), nil
	})
}

func (r *reading) takeAs(page *apiclient.Page, newRun func(apiclient.Run) (run, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.identify(page.Project); err != nil {
		return err
	}
	for _, refusal := range page.Refused {
		r.refused.add(refusal)
		r.unreadable = append(r.unreadable, refusal.ID)
	}
	for _, item := range page.Runs {
		if item.CreatedAt.After(r.now.Add(maxSkew)) {
			r.refused.add(tooFarAhead(item))
			continue
		}
		r.items++
		if item.State != "" {
			r.states++
		}
		run, err := newRun(item)
		if err != nil {
			return err
		}
		r.put(run)
	}
	return nil
}

// put notes a run. One that was met before has moved meanwhile where the states
// differ: the later one counts.
func (r *reading) put(run run) {
	if r.isHeld != nil {
		r.seen[run.id] = struct{}{}
		if r.isHeld(run) {
			return
		}
	}
	if met := r.runs.get(run.id); met == nil || !met.state.later(run.state) {
		r.runs.put(run)
	}
}

// identify makes sure that all pages are of one project, the one whose runs
// are held.
func (r *reading) identify(p apiclient.Project) error {
	switch {
	case r.project.Slug == "":
		if err := r.check(p.Slug); err != nil {
			return err
		}
		if r.held.Slug != "" && isOther(p, r.held) {
			return errNewProject
		}
		r.project = p
	case isOther(p, r.project):
		return &apiclient.ResponseError{
			Where: "data.project.slug",
			Err:   fmt.Errorf("became %q while pages of %q were read", p.Slug, r.project.Slug),
		}
	}
	return nil
}

// isOther tells projects apart. An id that is not told, 0, tells nothing.
func isOther(a, b apiclient.Project) bool {
	return a.Slug != b.Slug || a.ID != b.ID && a.ID != 0 && b.ID != 0
}

func tooFarAhead(item apiclient.Run) apiclient.Refusal {
	return apiclient.Refusal{
		Reason:      apiclient.RefusedCreatedAt,
		ID:          item.ID,
		Detail:      "created_at is more than a day ahead of this machine's clock",
		Fingerprint: uint64(item.ID), //nolint:gosec // an id is positive
	}
}

func (r *reading) drop(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = append(r.gone, id)
}
