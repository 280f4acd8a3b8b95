package collector

import (
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
	learnt    map[int64]struct{} // ids that refreshes changed or confirmed during a resync; nil when none is under way
}

func newHistory(config Config, ledger *ledger) *history {
	return &history{config: config, runs: newRuns(), ledger: ledger}
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

// inLookback counts the runs that count at all.
func (h *history) inLookback(now time.Time) int {
	n, since := 0, h.cutoff(now)
	for r := range h.runs.each() {
		if r.created > since {
			n++
		}
	}
	return n
}

// lastWhole returns when the last reading of the whole lookback began.
func (h *history) lastWhole() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wholeAt
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
	}
	h.runs = r.runs
	h.wholeAt = r.now
	h.taken(r)
}

// update takes what a warm refresh read.
func (h *history) update(r *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for run := range r.runs.each() {
		h.learn(run.id)
		h.put(*run, r.now)
	}
	for _, id := range r.gone {
		h.learn(id)
		h.runs.remove(id)
	}
	h.taken(r)
}

// put adds or replaces a run, and lets the ledger count it when it is first
// seen finished.
func (h *history) put(r run, now time.Time) {
	if held := h.runs.get(r.id); held != nil {
		r.counted = held.counted
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

func (h *history) learn(id int64) {
	if h.learnt != nil {
		h.learnt[id] = struct{}{}
	}
}
