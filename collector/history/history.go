package history

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// History holds the runs of one API key. It is safe for concurrent use, and
// nobody else takes its lock. Its methods call nothing that takes another lock,
// but for the function that View is given.
type History struct {
	config Config

	mu         sync.Mutex
	info       Info
	runs       *store
	finished   int                // runs that were seen to finish
	began      int64              // when the first good refresh began
	refused    map[int64]struct{} // ids of items that it refused: as far as is known their runs had finished before
	tombstones map[int64]int64    // dropped runs that had finished, by id, with their creation: one that comes back has not finished anew
	recent     map[int64]struct{} // ids of runs that the last refresh, or a resync since, first met in their state
	lengths    map[list]int       // of the lists, as the API said when the last refresh began to read them
	touched    map[int64]struct{} // ids that refreshes changed or confirmed during a resync; nil when none is under way
	refreshed  bool               // a refresh was applied during the resync under way
	reread     bool               // one that has read the whole lookback was
	newest     int64              // creation of the newest run held when the last resync began
}

// Config says what a History keeps, and how it understands the API.
type Config struct {
	// Lookback is how far back runs are kept.
	Lookback time.Duration
	// Unit is the unit of durations, or UnitAuto.
	Unit Unit
}

// New returns an empty history.
func New(config Config) *History {
	h := &History{config: config, runs: newStore(), tombstones: map[int64]int64{}}
	h.info.Format.Unit = config.Unit
	return h
}

// Info says what is held. It is zero before the first good refresh.
type Info struct {
	Project    apiclient.Project // whose runs are held; Slug is empty before the first good refresh
	ReadAt     time.Time         // when the refresh began that read what is held
	FullReadAt time.Time         // when the last full read of the lookback began
	Format     Format
}

// Format is how the API's items are understood.
type Format struct {
	Unit   Unit // of durations
	ByList bool // items carry no state: it is that of the list that shows them
	Starts bool // items say when runs started
}

// String says it in words.
func (f Format) String() string {
	state, starts := "in items", "not given"
	if f.ByList {
		state = "from filtered lists"
	}
	if f.Starts {
		starts = "given"
	}
	return fmt.Sprintf("durations in %s, states %s, starts %s", f.Unit, state, starts)
}

// Info returns what is held.
func (h *History) Info() Info {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.info
}

// View is what is held, at one moment.
type View struct {
	Info

	runs *store
}

// Version returns another number after each change to the runs.
func (v *View) Version() uint64 { return v.runs.version }

// Groups returns the runs by group key, in no order. Those that have left the
// lookback are among them until a resync drops them.
func (v *View) Groups() iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for _, g := range v.runs.groups {
			g.tidyUp()
			if !yield(g) {
				return
			}
		}
	}
}

// View calls look with what is held. The view and what it yields are valid until
// look returns. Look must not call the History.
func (h *History) View(look func(*View)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	look(&View{Info: h.info, runs: h.runs})
}

// Count returns how many runs lie in a lookback that ends now.
func (h *History) Count(now time.Time) (runs int) {
	since := h.cutoff(now)
	h.View(func(view *View) {
		for g := range view.Groups() {
			runs += g.Len() - g.After(since)
		}
	})
	return runs
}

// Apply takes over what a refresh or resync has read, all of it at once. It
// returns the runs of the lookback that were now seen to finish, each run once
// in the life of the History.
func (h *History) Apply(b *Batch) (finished []Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch b.kind {
	case wholeLookback:
		h.replace(b)
	case newestRuns:
		finished = h.update(b)
	case resyncedRuns:
		finished = h.reconcile(b)
		h.touched = nil
	}
	return finished
}

// replace takes all runs of a lookback in place of what was held, if anything:
// the runs of another project. Those that had finished by then were not seen to
// finish.
func (h *History) replace(b *Batch) {
	for run := range b.runs.all() {
		run.resolved = run.Outcome.Finished()
	}
	clear(h.tombstones)
	h.finished = 0
	h.began, h.refused = unixNano(b.source.Now), map[int64]struct{}{}
	for _, id := range b.unreadable {
		if _, active := b.active[id]; !active {
			h.refused[id] = struct{}{}
		}
	}
	b.runs.follow(h.runs)
	h.runs, h.touched, h.recent, h.lengths = b.runs, nil, map[int64]struct{}{}, b.lengths
	h.describe(b, true, 0)
}

// update takes what a refresh read on top of what was held.
func (h *History) update(b *Batch) (finished []Run) {
	h.refreshed = true
	h.recent, h.lengths = map[int64]struct{}{}, b.lengths
	since := h.cutoff(b.source.Now)
	// A run that cannot be read now is not to be trusted as it was held, either.
	for _, id := range slices.Concat(b.gone, b.unreadable) {
		h.touch(id)
		h.drop(id, since)
	}
	for run := range b.runs.all() {
		h.touch(run.ID)
		if h.put(*run) && run.Created > since {
			finished = append(finished, *run)
		}
	}
	if b.full {
		h.reread = true
		for id := range b.seen {
			h.touch(id)
		}
		for _, id := range h.absentFrom(b, since) {
			h.touch(id)
			h.drop(id, since)
		}
	}
	h.describe(b, b.full, len(finished))
	return finished
}

// describe notes what a refresh says of all its runs. Full is set where it has
// read all of the lookback.
func (h *History) describe(b *Batch, full bool, finished int) {
	h.info.Project = b.project
	h.info.ReadAt = b.source.Now
	if b.items > 0 {
		h.info.Format.ByList = b.withState < b.items
	}
	h.understand(b, full, finished)
}

// understand notes how the items of a batch are to be understood.
func (h *History) understand(b *Batch, full bool, finished int) {
	if full {
		h.info.FullReadAt = b.source.Now
		h.info.Format.Starts = false
	}
	h.info.Format.Starts = h.info.Format.Starts || b.withStart > 0
	h.decideUnit(full, finished)
}

// put adds or replaces a run, and reports whether it was now seen to finish.
func (h *History) put(r Run) (finished bool) {
	held := h.runs.get(r.ID)
	if held == nil || held.State != r.State || held.Outcome != r.Outcome {
		h.recent[r.ID] = struct{}{}
	}
	if held != nil {
		r.resolved = held.resolved
		if r.State == held.State && r.Duration == held.Duration {
			r.vote = held.vote // time has passed since, and makes it say less
		}
	} else if _, dropped := h.tombstones[r.ID]; dropped {
		r.resolved = true
		delete(h.tombstones, r.ID)
	} else if _, refused := h.refused[r.ID]; r.Outcome.Finished() && (refused || r.Created < h.began) {
		r.resolved = true // it is new here, but older than the first good refresh
	}
	finished = r.Outcome.Finished() && !r.resolved
	r.resolved = r.resolved || finished
	h.runs.put(r)
	return finished
}

// drop takes a run out. Should it come back, it has not finished anew.
func (h *History) drop(id, since int64) {
	if held := h.runs.get(id); held != nil && held.resolved && held.Created > since {
		h.tombstones[id] = held.Created
	}
	h.runs.remove(id)
}

// touch notes, for a resync under way, that a refresh knows better.
func (h *History) touch(id int64) {
	if h.touched != nil {
		h.touched[id] = struct{}{}
	}
}

func (h *History) isTouched(id int64) bool {
	_, touched := h.touched[id]
	return touched
}

// cutoff is where the lookback begins: runs created after it count.
func (h *History) cutoff(now time.Time) int64 { return now.Add(-h.config.Lookback).UnixNano() }

// knows reports whether a page has reached known ground: it shows a run just as
// it was held before. Where most of a page is refused, it is one that was held.
func (h *History) knows(page *apiclient.Page, asHeld func(apiclient.Run, *Run) bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.ContainsFunc(page.Runs, func(item apiclient.Run) bool {
		held := h.runs.get(item.ID)
		return held != nil && asHeld(item, held)
	}) {
		return true
	}
	return len(page.Refused) > len(page.Runs) && slices.ContainsFunc(page.Refused, func(item apiclient.Refusal) bool {
		return h.runs.get(item.ID) != nil
	})
}

// isAsLong reports whether a list has as many runs as when the last refresh read it.
func (h *History) isAsLong(l list, page *apiclient.Page) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	length, known := h.lengths[l]
	total, says := page.Total()
	return known && says && total == length
}

// activeNotIn returns the held active runs of the lookback that a batch has not met.
func (h *History) activeNotIn(b *Batch) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.cutoff(b.source.Now)
	var missing []int64
	for id := range h.runs.active {
		if b.runs.get(id) == nil && h.runs.get(id).Created > since {
			missing = append(missing, id)
		}
	}
	return missing
}

// holds reports whether a run is held just so.
func (h *History) holds(r Run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.runs.get(r.ID)
	return held != nil && held.same(r)
}

// removeTombstones forgets what was dropped of the time before the lookback.
func (h *History) removeTombstones(since int64) {
	maps.DeleteFunc(h.tombstones, func(_, created int64) bool { return created <= since })
}

// renamed reports whether a finished run stands under another branch or
// environment than it was held.
func (h *History) renamed(r Run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.runs.get(r.ID)
	return held != nil && held.Outcome.Finished() && r.Outcome.Finished() && held.Group != r.Group
}
