package collector_test

import (
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A run belongs to the last W when created_at > now - W, with now the moment of
// the scrape and not of the last refresh.
func TestSpansEndAtTheMoment(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, newTestClock(), stateless, testConfig())
			for _, span := range []time.Duration{day, 7 * day, 8 * day} {
				for _, beside := range []time.Duration{-time.Second, -time.Millisecond, 0, time.Millisecond, time.Second} {
					s.project.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: s.clock.Now().Add(-span - beside)})
				}
			}
			s.start()
			s.mustBeRight("at first")
			for _, want := range []struct{ recent, week, all float64 }{
				{2, 7, 12}, // those a second and a millisecond inside
				{1, 6, 11},
			} {
				shown, _ := s.gather()
				for part, count := range map[string]float64{`window="1d"`: want.recent, `window="7d"`: want.week} {
					if got, err := shown.value("empirical_recent_runs{", part, `outcome="passed"`); err != nil || got != count {
						t.Errorf("%s: %v runs, want %v (%v)", part, got, count, err)
					}
				}
				if got, err := shown.value("empirical_runs{", `state="ended"`); err != nil || got != want.all {
					t.Errorf("%v runs in the lookback, want %v (%v)", got, want.all, err)
				}
				s.clock.advance(time.Millisecond) // and no refresh
			}
		})
	}
}

// A little ahead of the clock is clock skew and counts; more than a day is not
// trusted.
func TestRunsAheadOfTheClock(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, newTestClock(), stateless, testConfig())
			for _, ahead := range []time.Duration{time.Minute, day, day + time.Millisecond, 300 * day} {
				s.project.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: s.clock.Now().Add(ahead)})
			}
			s.start()
			s.mustBeRight("at first")
			s.counted(2, "refused", "empirical_exporter_refused_runs_total{", `reason="created_at"`)
			s.counted(2, "held", "empirical_exporter_runs{")
			s.clock.advance(time.Millisecond)
			s.mustBeRight("a millisecond later one more is a day ahead")
			s.counted(3, "held", "empirical_exporter_runs{")
		})
	}
}
