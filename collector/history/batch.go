package history

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// errNoState ends a reading by item: an item carries no state.
var errNoState = errors.New("an item carries no state")

// errNewProject ends a reading that builds on held runs of another project.
var errNewProject = errors.New("the key belongs to another project than before")

// maxSkew is how far ahead of the clock a created_at may be.
const maxSkew = 24 * time.Hour

// kind says what a batch holds and how Apply takes it over.
type kind int

const (
	newestRuns    kind = iota // what is new: goes on top of what is held
	wholeLookback             // all runs: goes in place of what is held
	resyncedRuns              // what a resync found changed: gives way to what refreshes learned meanwhile
)

// Batch is what one refresh or resync has read. It is filled by requests that
// run side by side, then given to [History.Apply].
type Batch struct {
	source  Source
	history *History
	kind    kind
	builtOn apiclient.Project // whose held runs a batch of newest runs builds on

	full bool // all of the lookback is read; of a refresh that meets a rename, from then on

	mu         sync.Mutex
	project    apiclient.Project // Slug is empty before the first page
	runs       *store
	gone       []int64            // ids that the API no longer knows
	absent     []int64            // ids of held runs that a full read showed to be gone
	unreadable []int64            // ids of refused items; 0 for an item without one
	active     map[int64]struct{} // those of them that are known to be active
	refused    map[uint64]string  // why items were refused, by id, or by fingerprint where there is none
	totals     map[list]int       // how many items each list has at most, as the API says
	lengths    map[list]int       // and when it was first read
	seen       map[int64]struct{} // ids of all runs met since full, where what is held stays
	renamed    bool               // a finished run stands under another branch or environment than it was held
	items      int
	withState  int // items that carry their state
	withStart  int // items that say when the run started
}

func newBatch(r *reading, builtOn apiclient.Project) *Batch {
	return &Batch{
		source: r.Source, history: r.history, kind: r.kind, builtOn: builtOn,
		full: r.kind != newestRuns,
		runs: newStore(), seen: map[int64]struct{}{}, active: map[int64]struct{}{}, refused: map[uint64]string{}, totals: map[list]int{}, lengths: map[list]int{},
	}
}

// take adds the runs of a page whose items carry their state. It returns
// errNoState where one does not.
func (b *Batch) take(page *apiclient.Page) error {
	return b.takeAs(page, func(item apiclient.Run) (Run, error) {
		if item.State == "" {
			return Run{}, errNoState
		}
		return newRun(item, b.source.Now), nil
	})
}

// takeListed adds the runs of a page of one filtered list, in the state and
// with the outcome of that list.
func (b *Batch) takeListed(page *apiclient.Page, l list) error {
	return b.takeAs(page, func(item apiclient.Run) (Run, error) {
		return newListedRun(item, l.state, l.outcome, b.source.Now), nil
	})
}

func (b *Batch) takeAs(page *apiclient.Page, runOf func(apiclient.Run) (Run, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.identify(page.Project); err != nil {
		return err
	}
	for _, refusal := range page.Refused {
		b.refuse(refusal)
	}
	for _, item := range page.Runs {
		run, err := runOf(item)
		if item.CreatedAt.After(b.source.Now.Add(maxSkew)) {
			b.refuse(tooFarAhead(item))
			if err == nil && !run.Outcome.Finished() {
				b.active[item.ID] = struct{}{}
			}
			continue
		}
		b.items++
		if item.State != "" {
			b.withState++
		}
		if !item.StartedAt.IsZero() {
			b.withStart++
		}
		if err != nil {
			return err
		}
		b.put(run)
	}
	return nil
}

// expect notes how long a list is, and returns an error where so many items have
// been refused that the rest of the lists cannot make up for them: then no more
// need be read. Of is how many lists are read.
func (b *Batch) expect(l list, page *apiclient.Page, of int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	total, known := page.Total()
	if _, read := b.lengths[l]; !read && known {
		b.lengths[l] = total
	}
	if !known {
		total = math.MaxInt32 // no end in sight
	}
	b.totals[l] = max(b.totals[l], total)
	sum := 0
	for _, total := range b.totals {
		sum += total
	}
	if len(b.totals) == of && 2*len(b.refused) > sum {
		return b.tooManyRefused(len(b.refused))
	}
	return nil
}

func (b *Batch) refuse(refusal apiclient.Refusal) {
	b.source.Refused.add(refusal)
	b.unreadable = append(b.unreadable, refusal.ID)
	key := refusal.Fingerprint
	if refusal.ID != 0 {
		key = uint64(refusal.ID) //nolint:gosec // an id is positive
	}
	b.refused[key] = refusal.Detail
}

// checkRefused returns an error where more items were refused than taken, each
// id once: then it is the answer that is wrong, and not the items.
func (b *Batch) checkRefused() error {
	refused := 0
	for key := range b.refused {
		if !b.met(int64(key)) { //nolint:gosec // a fingerprint that is an id too is most unlikely
			refused++
		}
	}
	if refused > max(b.runs.count, len(b.seen)) {
		return b.tooManyRefused(refused)
	}
	return nil
}

func (b *Batch) met(id int64) bool {
	_, seen := b.seen[id]
	return seen || b.runs.get(id) != nil
}

func (b *Batch) tooManyRefused(refused int) error {
	var example string
	for _, detail := range b.refused {
		example = max(example, detail)
	}
	return &apiclient.ResponseError{
		Where: "data.test_runs.items",
		Err:   fmt.Errorf("%d items cannot be trusted, more than the others; of one of them %s", refused, example),
	}
}

// put adds a run. A run that was met before in another state has moved on
// meanwhile: the later state counts.
func (b *Batch) put(run Run) {
	met := b.runs.get(run.ID)
	if b.full && b.kind != wholeLookback {
		b.seen[run.ID] = struct{}{}
		// It meets every run. A copy of them all would double the memory.
		if met == nil && b.history.holds(run) {
			return
		}
	}
	if b.kind != wholeLookback && b.history.renamed(run) {
		b.renamed = true
	}
	if met == nil || !met.State.later(run.State) {
		b.runs.put(run)
	}
}

// identify makes sure that all pages are of one project, the one whose runs
// are held.
func (b *Batch) identify(p apiclient.Project) error {
	switch {
	case b.project.Slug == "":
		if err := b.source.CheckProject(p.Slug); err != nil {
			return err
		}
		if b.builtOn.Slug != "" && !SameProject(p, b.builtOn) {
			return errNewProject
		}
		b.project = p
	case !SameProject(p, b.project):
		return b.otherProject(p.Slug, strconv.Quote(b.project.Slug))
	}
	return nil
}

// otherProject returns the error of a reading that met two projects.
func (b *Batch) otherProject(slug, before string) error {
	return &apiclient.ResponseError{
		Where: "data.project.slug",
		Err:   fmt.Errorf("became %q while pages of %s were read", slug, before),
	}
}

// drop notes that the API no longer knows a run.
func (b *Batch) drop(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = append(b.gone, id)
}

// SameProject reports whether both are one project. An id of 0 is not known and
// says nothing.
func SameProject(a, b apiclient.Project) bool {
	return a.Slug == b.Slug && (a.ID == b.ID || a.ID == 0 || b.ID == 0)
}

func tooFarAhead(item apiclient.Run) apiclient.Refusal {
	return apiclient.Refusal{
		Reason:      apiclient.RefusedCreatedAt,
		ID:          item.ID,
		Detail:      "created_at is more than a day ahead of this machine's clock",
		Fingerprint: uint64(item.ID), //nolint:gosec // an id is positive
	}
}
