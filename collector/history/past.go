package history

import (
	"cmp"
	"math"
	"slices"
	"time"
	"unique"
)

// Past shows the runs of a History as they stood at moments that come one after
// the other, as far as that is known now. Nobody knows which runs have been deleted
// or renamed since, or when failures were snoozed: they are as they are now.
//
// A run is there from its creation on, and has a start from that on. When it
// finished is not said: it is taken for the start, else the creation, and the
// duration behind it. A run that errored or was cancelled, without a duration, is
// taken to have finished when it was created.
type Past struct {
	from     *store // all runs as they are now
	lookback int64  // nanoseconds
	turns    []turn // by moment
	next     int    // of the turns, the first that lies ahead
	leaving  int    // and the first that lies in the lookback
	then     View
}

// turn is a moment from which on a run is another than before.
type turn struct {
	at   int64 // nanoseconds since 1970
	slot int32 // of the run
}

// Past returns the past of what is held, with a lookback of its own: the
// History's begins so much earlier than the first moment that is to be shown. The
// History must not change any more.
func (h *History) Past(lookback time.Duration) *Past {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &Past{from: h.runs, lookback: int64(lookback), then: View{Info: h.info, runs: newStore()}}
	for slot := range h.runs.used {
		r := h.runs.at(slot)
		if !r.held() {
			continue
		}
		p.turns = append(p.turns, turn{r.Created, slot})
		if r.Started > r.Created {
			p.turns = append(p.turns, turn{r.Started, slot})
		}
		if finished := p.finished(r); r.Outcome.Finished() && finished > r.Created {
			p.turns = append(p.turns, turn{finished, slot})
		}
	}
	slices.SortFunc(p.turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.slot, b.slot)) })
	return p
}

// Created returns when the oldest run was created, and the longest time between the
// creations of two runs, one after the other. Without runs both are zero.
func (p *Past) Created() (oldest time.Time, longestGap time.Duration) {
	last := int64(0)
	for _, t := range p.turns {
		switch {
		case t.at != p.from.at(t.slot).Created:
			continue // it started or finished
		case oldest.IsZero():
			oldest = time.Unix(0, t.at)
		default:
			longestGap = max(longestGap, time.Duration(t.at-last))
		}
		last = t.at
	}
	return oldest, longestGap
}

// At returns what was held at a moment, which is not before the one of the last
// call. The view is valid until the next call.
func (p *Past) At(moment time.Time) *View {
	at := moment.UnixNano()
	since := at - p.lookback
	for ; p.next < len(p.turns) && p.turns[p.next].at <= at; p.next++ {
		if r := p.from.at(p.turns[p.next].slot); r.Created > since {
			p.then.runs.put(p.asOf(r, at))
		}
	}
	for ; p.leaving < p.next && p.turns[p.leaving].at <= since; p.leaving++ {
		p.then.runs.remove(p.from.at(p.turns[p.leaving].slot).ID)
	}
	return &p.then
}

// asOf returns a run as it stood then.
func (p *Past) asOf(r *Run, at int64) Run {
	then := *r
	if r.Started > at {
		then.Started = NoStart
	}
	if r.Outcome.Finished() && p.finished(r) > at {
		then.State, then.Outcome = Queued, NoOutcome
		if then.Started != NoStart {
			then.State = Started
		}
		then.Code, then.Tests, then.Duration = unique.Make(""), Tests{}, -1
	}
	return then
}

// finished returns when a finished run did so, in nanoseconds since 1970.
func (p *Past) finished(r *Run) int64 {
	began, took := r.Created, 0.0
	if r.Started != NoStart {
		began = r.Started
	}
	switch {
	case r.Duration >= 0:
		took = p.then.Format.Unit.In(r.Duration) * float64(time.Second)
	case r.State != Ended:
		return r.Created
	}
	if took >= math.MaxInt64/2 || began > math.MaxInt64/2 {
		return math.MaxInt64
	}
	return max(r.Created, began+int64(math.Round(took)))
}
