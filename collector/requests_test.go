package collector_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// endedRuns makes runs that ended, one a step, the newest a step ago. Every
// third of them failed.
func endedRuns(n int, now time.Time, step time.Duration) []apitest.Run {
	all := make([]apitest.Run, n)
	for i := range all {
		all[i] = apitest.Run{
			ID: int64(i + 1), State: "ended", CreatedAt: now.Add(-time.Duration(n-i) * step),
			Branch: new(fmt.Sprintf("feat/%d", i%7)), EnvironmentSlug: new("staging"),
			TotalCount: new(int64(10)), SuccessCount: new(int64(9)), FailedCount: new(int64(i % 3 / 2)), Duration: new(int64(60_000 + i)),
		}
	}
	return all
}

// mustAsk asserts what a refresh costs.
func (s *stage) mustAsk(requests int, when string) {
	s.t.Helper()
	s.server.ResetRequests()
	s.mustBeRight(when)
	if got := s.server.CountRequests(); got != requests {
		s.t.Errorf("%s: %d requests, want %d: %v", when, got, requests, queries(s.server))
	}
}

func queries(s *apitest.Server) (all []string) {
	for _, r := range s.Requests() {
		all = append(all, r.Query.Encode())
	}
	return all
}

func TestWarmRefreshCostsTheSameAt100000Runs(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			clock := newTestClock()
			config := testConfig()
			config.ResyncInterval = 24 * time.Hour
			s := newStage(t, clock, stateless, config)
			s.project.AddAll(endedRuns(100_000, clock.Now(), 6*time.Second))
			s.project.Add(apitest.Run{ID: 200_000, State: "started", CreatedAt: clock.Now()})
			s.start()
			s.refresh()
			if held, err := s.heldRuns(); err != nil || held != 100_001 {
				t.Fatalf("%v runs held, want 100001 (%v)", held, err)
			}

			want := 1
			if stateless {
				want = 8
				s.server.SetLatency(50 * time.Millisecond)
			}
			s.server.ResetRequests()
			s.refresh()
			if got := s.server.CountRequests(); got != want {
				t.Errorf("nothing new: %d requests, want %d: %v", got, want, queries(s.server))
			}
			if at := s.server.MaxInFlight(); stateless && at != 8 {
				t.Errorf("%d requests at once, want 8", at)
			}

			s.project.Add(apitest.Run{ID: 200_001, State: "queued", CreatedAt: clock.Now()})
			s.project.Update(200_000, func(r *apitest.Run) { r.State = "ended" })
			s.server.ResetRequests()
			s.refresh()
			if got := s.server.CountRequests(); got != want {
				t.Errorf("one run new and one ended: %d requests, want %d: %v", got, want, queries(s.server))
			}
			shown, _ := s.gather()
			for state, count := range map[string]float64{"ended": 1, "queued": 1, "started": 0} {
				if got, err := shown.value("empirical_runs{", `branch=""`, `state="`+state+`"`); err != nil || got != count {
					t.Errorf("%v runs %s, want %v (%v)", got, state, count, err)
				}
			}
		})
	}
}

func (s *stage) heldRuns() (float64, error) {
	_, others := s.gather()
	return others.value("empirical_exporter_runs{")
}

// deepRuns are the ids of runs that are active beneath three pages of newer ones.
func deepRuns(t *testing.T, stateless bool, active int) (s *stage, deep []int64) {
	t.Helper()
	clock := newTestClock()
	s = newStage(t, clock, stateless, testConfig())
	s.project.AddAll(endedRuns(350, clock.Now(), time.Minute))
	for i := range active {
		id := int64(1000 + i)
		s.project.Add(apitest.Run{ID: id, State: "started", Branch: new("slow"), CreatedAt: clock.Now().Add(-7 * time.Hour)})
		deep = append(deep, id)
	}
	s.start()
	s.mustBeRight("at first")
	clock.advance(time.Minute)
	return s, deep
}

func end(r *apitest.Run) {
	r.State, r.TotalCount, r.FailedCount, r.Duration = "ended", new(int64(5)), new(int64(1)), new(int64(25_200_000))
}

func TestLateFinisherIsRightAtTheNextScrape(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, finish := range []func(*apitest.Run){
				end,
				func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("worker_interrupted") },
				func(r *apitest.Run) { r.State = "cancelled" },
				func(r *apitest.Run) { r.State = "cancelling" },
			} {
				s, deep := deepRuns(t, stateless, 1)
				s.mustAsk(map[bool]int{false: 2, true: 8}[stateless], "still active")
				s.project.Update(deep[0], finish)
				moved, _ := s.project.Run(deep[0])
				requests := map[bool]int{false: 2, true: 8}[stateless]
				if stateless && moved.State == "ended" {
					requests = 8 + 4 // the other lists are short enough to show it
				}
				s.mustAsk(requests, "now "+moved.State)
			}
		})
	}
}

func TestManyLateFinishers(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s, deep := deepRuns(t, stateless, 9)
			s.mustAsk(map[bool]int{false: 1 + 4, true: 8}[stateless], "all active")
			s.project.Update(deep[0], end)
			s.project.Update(deep[8], end)
			s.mustAsk(map[bool]int{false: 1 + 4 + 2, true: 8 + 2*4}[stateless], "two ended")
			for _, id := range deep[1:8] {
				s.project.Update(id, end)
			}
			s.mustBeRight("all ended")
		})
	}
}

func TestActiveRunsThatVanish(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, answer := range []apitest.UnknownID{apitest.NotFound, apitest.EmptyList} {
				for _, active := range []int{2, 6} {
					s, deep := deepRuns(t, stateless, active)
					s.server.SetUnknownID(answer)
					s.project.Delete(deep[0])
					s.mustBeRight("one deleted")
					for _, id := range deep[1:] {
						s.project.Delete(id)
					}
					s.mustBeRight("all deleted")
				}
			}
		})
	}
}
