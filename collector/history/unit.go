package history

import (
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// Unit is the unit of the API's durations. The reference page does not name it.
type Unit uint8

// The units that sources name: public client code of live runs seconds, an
// older reference page milliseconds. UnitAuto leaves it to the History to find
// out.
const (
	UnitAuto Unit = iota
	Seconds
	Milliseconds
)

var unitNames = [...]string{"auto", "seconds", "milliseconds"}

// Units returns the units as flags spell them.
func Units() []string { return unitNames[:] }

// UnitNamed returns the unit of a name in Units; ok is false for any other.
func UnitNamed(name string) (unit Unit, ok bool) {
	i := slices.Index(unitNames[:], name)
	return Unit(max(i, 0)), i >= 0 //nolint:gosec // an index of three
}

// String returns the unit as flags and metrics spell it.
func (u Unit) String() string { return unitNames[u] }

// In returns a duration of this unit in seconds.
func (u Unit) In(duration float64) float64 {
	if u == Milliseconds {
		return duration / 1000
	}
	return duration
}

const (
	// maxVoteAge is how long before a run is read it may have been created and
	// still say which unit its duration has.
	maxVoteAge = 6 * time.Hour
	// voteSlack is how much longer than the run has existed its duration may be:
	// clocks differ.
	voteSlack = time.Minute
	// minShare is the part of the time that the run has existed that its
	// duration must fill, to be one in seconds.
	minShare = 1.0 / 20
	// minMilliseconds is the median duration from which on it is one in
	// milliseconds where no run votes.
	minMilliseconds = 10_000
	// decisiveRuns is how many runs must be seen to finish before only readings
	// of the whole lookback decide anew.
	decisiveRuns = 10
)

// vote says which unit the duration of one run has.
type vote uint8

const (
	noVote vote = iota
	votesSeconds
	votesMilliseconds
)

// voteOf holds the duration of an ended run against the time that the run has
// existed when it is read. A duration that would be longer than that as seconds
// is one in milliseconds; one that fills a good part of it is one in seconds.
func voteOf(item apiclient.Run, s State, now time.Time) vote {
	existed := now.Sub(item.CreatedAt)
	if s != Ended || item.Duration <= 0 || existed < 0 || existed > maxVoteAge {
		return noVote
	}
	switch {
	case item.Duration > (existed + voteSlack).Seconds():
		return votesMilliseconds
	case item.Duration >= minShare*existed.Seconds():
		return votesSeconds
	default:
		return noVote
	}
}

// Evidence is what speaks for one unit or the other.
type Evidence struct {
	Seconds, Milliseconds int // votes of runs
	// Durations counts the durations above 0 of ended runs, Long those of them
	// that are so long that they are taken for milliseconds where no run votes.
	Durations, Long int
}

// unit decides: by the majority of the votes, else by the median duration.
func (e Evidence) unit() Unit {
	switch {
	case e.Milliseconds > e.Seconds:
		return Milliseconds
	case e.Seconds > e.Milliseconds:
		return Seconds
	case e.Long > e.Durations/2: // the median is minMilliseconds or more
		return Milliseconds
	default:
		return Seconds
	}
}

// gatherEvidence goes through all held runs.
func (h *History) gatherEvidence() (e Evidence) {
	for r := range h.runs.all() {
		if r.State != Ended || r.Duration <= 0 {
			continue
		}
		e.Durations++
		if r.Duration >= minMilliseconds {
			e.Long++
		}
		switch r.vote {
		case votesSeconds:
			e.Seconds++
		case votesMilliseconds:
			e.Milliseconds++
		case noVote:
		}
	}
	return e
}

// Evidence returns what all held runs say of the unit, and the median of their
// durations in whatever unit they are: of those that e.Durations counts, 0 where there are none.
func (h *History) Evidence() (e Evidence, median float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e = h.gatherEvidence()
	durations := make([]float64, 0, e.Durations)
	for r := range h.runs.all() {
		if r.State == Ended && r.Duration > 0 {
			durations = append(durations, r.Duration)
		}
	}
	if len(durations) == 0 {
		return e, 0
	}
	slices.Sort(durations)
	return e, durations[len(durations)/2]
}

// decideUnit decides anew after a reading of the whole lookback, and after any
// other until enough runs have been seen to finish.
func (h *History) decideUnit(full bool, finished int) {
	decided := h.finished >= decisiveRuns
	h.finished += finished
	if h.config.Unit != UnitAuto || !full && (decided || finished == 0) {
		return
	}
	h.info.Format.Unit = h.gatherEvidence().unit()
}
