package collector

import (
	"slices"
	"sync"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// history is what is held of one API key: the runs, whose they are and when
// they were read. It changes only by taking a whole reading at once.
type history struct {
	config Config

	mu        sync.Mutex
	project   apiclient.Project // Slug is empty before the first good refresh
	runs      *runs
	readAt    time.Time // when the refresh began that read what is served
	wholeAt   time.Time // when the last reading of the whole lookback began
	stateless bool      // items carry no state
	ledger    *ledger
	vanished  map[int64]int64    // counted runs that the API shows no more, with their creation: should they come back they do not count again
	learnt    map[int64]struct{} // ids that refreshes changed or confirmed during a resync; nil when none is under way
}

func newHistory(config Config, ledger *ledger) *history {
	return &history{config: config, runs: newRuns(), ledger: ledger, vanished: map[int64]int64{}}
}

// standing returns whose runs are held, and whether their items carry no state.
func (h *history) standing() (held apiclient.Project, stateless bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.project, h.stateless
}

// anyList stands for the list of all runs.
var anyList = list{state: stateCount}

// knows tells whether the page has reached known ground: a run that is held in
// the state in which the page shows it.
func (h *history) knows(page *apiclient.Page, l list) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, item := range page.Runs {
		held := h.runs.get(item.ID)
		if held == nil {
			continue
		}
		if l == anyList && held.state == stateOf(item.State) {
			return true
		}
		if l != anyList && held.state == l.state && held.outcome == l.outcome {
			return true
		}
	}
	return false
}

// activeNotIn returns the held active runs of the lookback that a reading has not met.
func (h *history) activeNotIn(r *reading) []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.cutoff(r.now)
	var missing []int64
	for id := range h.runs.active {
		if r.runs.get(id) == nil && h.runs.get(id).created > since {
			missing = append(missing, id)
		}
	}
	return missing
}

// cutoff is the end of the lookback: runs created after it count.
func (h *history) cutoff(now time.Time) int64 { return now.Add(-h.config.Lookback).UnixNano() }

// size counts the held runs of the lookback, and tells when they were read.
func (h *history) size(now time.Time) (count int, readAt time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.cutoff(now)
	for r := range h.runs.each() {
		if r.created > since {
			count++
		}
	}
	return count, h.readAt
}

// lastWhole returns when the last reading of the whole lookback began.
func (h *history) lastWhole() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wholeAt
}

// fresh tells whether what is held may be served. What was read in the future
// was read before the clock was set back, nobody knows how long ago.
func (h *history) fresh(now time.Time) bool {
	return !h.readAt.IsZero() && now.Sub(h.readAt).Abs() <= h.config.MaxStaleness
}

// replace takes the reading of a whole lookback in place of what was held. What
// had finished by then was never seen to finish and is not counted.
func (h *history) replace(r *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for run := range r.runs.each() {
		run.counted = run.outcome.finished()
	}
	if isOther(r.project, h.project) {
		h.ledger.reset()
		clear(h.vanished)
	}
	h.runs = r.runs
	h.wholeAt = r.now
	h.taken(r)
}

// update takes what a warm refresh read.
func (h *history) update(r *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	// As it was held before, a run that cannot be read now is not to be trusted either.
	for _, id := range slices.Concat(r.gone, r.unreadable) {
		h.learn(id)
		h.forget(id, h.cutoff(r.now))
	}
	for run := range r.runs.each() {
		h.learn(run.id)
		h.put(*run, r.now)
	}
	h.taken(r)
}

// put adds or replaces a run, and lets the ledger count it when it is first
// seen finished.
func (h *history) put(r run, now time.Time) {
	if held := h.runs.get(r.id); held != nil {
		r.counted = held.counted
	} else if _, was := h.vanished[r.id]; was {
		r.counted = true
		delete(h.vanished, r.id)
	}
	if r.outcome.finished() && !r.counted {
		r.counted = true
		if r.created > h.cutoff(now) {
			h.ledger.finished(r)
		}
	}
	h.runs.put(r)
}

func (h *history) taken(r *reading) {
	h.project = r.project
	h.readAt = r.now
	if r.items > 0 {
		h.stateless = r.states < r.items
	}
}

// forget drops a run. Should it come back it does not count again.
func (h *history) forget(id, since int64) {
	if held := h.runs.get(id); held != nil && held.counted && held.created > since {
		h.vanished[id] = held.created
	}
	h.runs.remove(id)
}

func (h *history) learn(id int64) {
	if h.learnt != nil {
		h.learnt[id] = struct{}{}
	}
}
