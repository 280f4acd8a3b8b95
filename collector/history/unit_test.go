package history

import (
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

func TestVote(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		existed  time.Duration
		duration float64
		state    State
		want     vote
	}{
		"as seconds longer than it has existed":        {10 * time.Minute, 661, Ended, votesMilliseconds},
		"as long, and a minute for clocks that differ": {10 * time.Minute, 660, Ended, votesSeconds},
		"a twentieth of the time":                      {20 * time.Minute, 60, Ended, votesSeconds},
		"less than a twentieth of the time":            {20 * time.Minute, 59, Ended, noVote},
		"three hours in seconds":                       {3*time.Hour + time.Minute, 10_800, Ended, votesSeconds},
		"ten seconds in milliseconds":                  {time.Minute, 10_000, Ended, votesMilliseconds},
		"just young enough":                            {6 * time.Hour, 3_600, Ended, votesSeconds},
		"too old":                                      {6*time.Hour + time.Second, 3_600, Ended, noVote},
		"created in the future":                        {-time.Second, 1_000_000, Ended, noVote},
		"no duration":                                  {time.Hour, 0, Ended, noVote},
		"an errored run":                               {time.Hour, 3_600, Errored, noVote},
	} {
		item := apiclient.Run{CreatedAt: now.Add(-test.existed), Duration: test.duration}
		if got := voteOf(item, test.state, now); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func TestEvidence(t *testing.T) {
	for name, test := range map[string]struct {
		evidence Evidence
		want     Unit
	}{
		"none":                       {Evidence{}, Seconds},
		"one vote against long runs": {Evidence{Seconds: 1, Durations: 9, Long: 9}, Seconds},
		"one vote against short":     {Evidence{Milliseconds: 1, Durations: 9}, Milliseconds},
		"the majority":               {Evidence{Seconds: 3, Milliseconds: 2, Durations: 9, Long: 9}, Seconds},
		"a tie, long":                {Evidence{Seconds: 2, Milliseconds: 2, Durations: 9, Long: 5}, Milliseconds},
		"the median is short":        {Evidence{Durations: 4, Long: 2}, Seconds},
		"the median is long":         {Evidence{Durations: 4, Long: 3}, Milliseconds},
	} {
		if got := test.evidence.unit(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestUnitNamed(t *testing.T) {
	for _, name := range Units() {
		if unit, ok := UnitNamed(name); !ok || unit.String() != name {
			t.Errorf("%s: %s, %t", name, unit, ok)
		}
	}
	if unit, ok := UnitNamed("minutes"); ok {
		t.Errorf("minutes: %s, want none", unit)
	}
}
