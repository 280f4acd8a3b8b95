package history

import (
	"maps"
	"slices"
	"testing"
	"time"
	"unique"
)

const (
	second = int64(time.Second)
	minute = int64(time.Minute)
	hour   = int64(time.Hour)
)

// past returns the past of some runs of the group main, with a lookback of a day.
func past(unit Unit, runs ...Run) *Past {
	h := New(Config{Lookback: 10 * 24 * time.Hour, Unit: unit})
	for i, r := range runs {
		r.ID, r.Group = int64(i+1), unique.Make(GroupKey{Branch: "main"})
		h.runs.put(r)
	}
	return h.Past(24 * time.Hour)
}

// at returns the runs of a moment by id.
func (p *Past) at(nanoseconds int64) map[int64]Run {
	all := map[int64]Run{}
	for g := range p.At(time.Unix(0, nanoseconds)).Groups() {
		for i := range g.Len() {
			all[g.Run(i).ID] = *g.Run(i)
		}
	}
	return all
}

func TestPast_Created(t *testing.T) {
	if oldest, gap := past(Seconds).Created(); !oldest.IsZero() || gap != 0 {
		t.Errorf("without runs %s, %s", oldest, gap)
	}
	run := func(created int64) Run {
		return Run{Created: created, Started: created + minute, State: Ended, Outcome: OutcomePassed, Duration: 60 * 60}
	}
	oldest, gap := past(Seconds, run(9*hour), run(4*hour), run(2*hour), run(9*hour)).Created()
	if !oldest.Equal(time.Unix(0, 2*hour)) || gap != 5*time.Hour {
		t.Errorf("%s, %s; want 2 and 5 hours", oldest.UTC(), gap)
	}
}

func TestPast_Run(t *testing.T) {
	const created, started = 10 * hour, 10*hour + 5*minute
	run := func(s State, o Outcome, started int64, duration float64) Run {
		return Run{Created: created, Started: started, State: s, Outcome: o, Duration: duration, Tests: Tests{Total: 7}, Code: unique.Make("code")}
	}
	for name, test := range map[string]struct {
		run     Run
		unit    Unit
		started int64 // it has its start from then on; 0 is never
		ended   int64 // and its outcome; 0 is never
	}{
		"start and duration":            {run(Ended, OutcomePassed, started, 600), Seconds, started, started + 10*minute},
		"milliseconds":                  {run(Ended, OutcomeFailed, started, 600_500), Milliseconds, started, started + 10*minute + second/2},
		"no start":                      {run(Ended, OutcomePassed, NoStart, 600), Seconds, 0, created + 10*minute},
		"no duration":                   {run(Ended, OutcomePassed, started, -1), Seconds, started, started},
		"neither":                       {run(Ended, OutcomePassed, NoStart, -1), Seconds, 0, created},
		"start before the creation":     {run(Ended, OutcomePassed, created-minute, 30), Seconds, created, created},
		"errored":                       {run(Errored, OutcomeError, started, 60), Seconds, started, started + minute},
		"errored, no duration":          {run(Errored, OutcomeError, started, -1), Seconds, started, created},
		"cancelled, no duration":        {run(Cancelled, OutcomeCancelled, started, -1), Seconds, started, created},
		"active":                        {run(Started, NoOutcome, started, -1), Seconds, started, 0},
		"in an unknown state":           {run(Unknown, NoOutcome, started, 60), Seconds, started, 0},
		"an absurd duration":            {run(Ended, OutcomePassed, NoStart, 1e300), Seconds, 0, 0},
		"a duration of three centuries": {run(Ended, OutcomePassed, NoStart, 1e10), Seconds, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var moments []int64
			for _, at := range []int64{created, test.started, test.ended, 30 * hour} {
				moments = append(moments, at-1, at, at+1)
			}
			slices.Sort(moments)
			p := past(test.unit, test.run)
			for _, at := range slices.Compact(moments) {
				if at < 0 {
					continue
				}
				got, there := p.at(at)[1]
				if there != (at >= created) {
					t.Fatalf("at %d: there %t", at, there)
				}
				if !there {
					continue
				}
				want := test.run
				want.ID, want.Group = got.ID, got.Group
				if test.started == 0 || at < test.started {
					want.Started = NoStart
				}
				if want.Outcome.Finished() && (test.ended == 0 || at < test.ended) {
					want.Outcome, want.Duration, want.Tests, want.Code = NoOutcome, -1, Tests{}, unique.Make("")
					want.State = Queued
					if want.Started != NoStart {
						want.State = Started
					}
				}
				if got != want {
					t.Errorf("at %d:\ngot  %+v\nwant %+v", at, got, want)
				}
			}
		})
	}
}

// A run leaves when its lookback does, also one that has still to finish.
func TestPast_Lookback(t *testing.T) {
	p := past(Seconds,
		Run{Created: hour, Started: NoStart, Duration: 60, State: Ended},
		Run{Created: 2 * hour, Started: NoStart, Duration: 30 * 60 * 60, State: Ended},
		Run{Created: 3 * hour, Started: NoStart, Duration: -1, State: Queued, Outcome: NoOutcome},
	)
	for _, test := range []struct {
		at   int64
		want []int64
	}{
		{hour, []int64{1}},
		{3 * hour, []int64{1, 2, 3}},
		{25*hour - 1, []int64{1, 2, 3}},
		{25 * hour, []int64{2, 3}},
		{26*hour + 1, []int64{3}},
		{33 * hour, nil},
	} {
		if got := slices.Sorted(maps.Keys(p.at(test.at))); !slices.Equal(got, test.want) {
			t.Errorf("at %d: %v, want %v", test.at, got, test.want)
		}
	}
	if len(p.then.runs.groups) != 0 || p.then.runs.count != 0 {
		t.Errorf("%d runs in %d groups are left", p.then.runs.count, len(p.then.runs.groups))
	}
}

// What has not changed has the version that it had.
func TestPast_Versions(t *testing.T) {
	p := past(Seconds, Run{Created: hour, Started: NoStart, Duration: 600, State: Ended})
	versions := map[uint64]bool{}
	for at := hour; at < 2*hour; at += minute {
		versions[p.At(time.Unix(0, at)).Version()] = true
	}
	if len(versions) != 2 {
		t.Errorf("%d versions of a run that was created and finished, want 2", len(versions))
	}
}
