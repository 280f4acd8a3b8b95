package collector_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// mustHold asserts that the runs that were there all the time are all held, and
// none of them twice.
func (s *stage) mustHold(runs int, branch string) {
	s.t.Helper()
	shown, _ := s.gather()
	got, err := shown.value("empirical_runs{", fmt.Sprintf("branch=%q", branch), `state="ended"`)
	if err != nil || got != float64(runs) {
		s.t.Errorf("stateless %v: %v runs of %q, want %d (%v)", s.stateless, got, branch, runs, err)
	}
}

// meanwhile makes something happen at each request, before it is answered or after.
func (s *stage) meanwhile(when func(*apitest.Server, func(apitest.Request)), do func(request int)) {
	var mu sync.Mutex
	n := 0
	when(s.server, func(apitest.Request) {
		mu.Lock()
		defer mu.Unlock()
		n++
		do(n)
	})
}

func (s *stage) inPeace() {
	s.server.OnRequest(nil)
	s.server.OnResponse(nil)
}

var moments = map[string]func(*apitest.Server, func(apitest.Request)){
	"before a page is computed": (*apitest.Server).OnRequest,
	"before a page is sent":     (*apitest.Server).OnResponse,
}

const steadyRuns = 900

// steady is a project of many pages whose runs stay.
func steady(t *testing.T, stateless bool) *stage {
	t.Helper()
	clock := newTestClock()
	s := newStage(t, clock, stateless, testConfig())
	all := endedRuns(steadyRuns, clock.Now(), time.Minute)
	for i := range all {
		all[i].Branch = new("steady")
	}
	s.project.AddAll(all)
	s.start()
	return s
}

func (s *stage) addNew(n int) {
	for range n {
		s.project.Add(apitest.Run{State: "ended", Branch: new("new"), CreatedAt: s.clock.Now()})
	}
}

func TestNewRunsPushPagesDown(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for moment, when := range moments {
				for _, perRequest := range []int{1, 150} {
					s := steady(t, stateless)
					s.meanwhile(when, func(n int) {
						if n <= 40 {
							s.clock.advance(time.Millisecond)
							s.addNew(perRequest)
						}
					})
					s.refresh()
					if status := s.exporter.Status()[0]; status.Err != nil {
						t.Errorf("%d new runs at a time, %s: %v", perRequest, moment, status.Err)
					}
					s.mustHold(steadyRuns, "steady")
					s.inPeace()
					s.mustBeRight(fmt.Sprintf("%d new runs at each request of the first refresh, %s", perRequest, moment))

					s.addNew(320)
					s.meanwhile(when, func(n int) {
						if n <= 20 {
							s.clock.advance(time.Millisecond)
							s.addNew(perRequest)
						}
					})
					s.refresh()
					s.inPeace()
					s.mustBeRight(fmt.Sprintf("%d new runs at each request of a warm refresh, %s", perRequest, moment))
				}
			}
		})
	}
}

func TestDeletionsPullPagesUp(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for moment, when := range moments {
				for _, perRequest := range []int{1, 20} {
					s := steady(t, stateless)
					var doomed []int64
					for i := range 400 {
						doomed = append(doomed, s.project.Add(apitest.Run{State: "ended", Branch: new("doomed"), CreatedAt: s.clock.Now().Add(-time.Duration(i) * 3 * time.Minute)}))
					}
					s.meanwhile(when, func(n int) {
						if n != 5 && n != 12 && n != 20 {
							return
						}
						for range min(perRequest, len(doomed)) {
							s.project.Delete(doomed[0])
							doomed = doomed[1:]
						}
					})
					s.refresh()
					s.inPeace()
					if status := s.exporter.Status()[0]; status.Err != nil {
						t.Errorf("%d deletions at a time, %s: %v", perRequest, moment, status.Err)
						continue
					}
					s.mustHold(steadyRuns, "steady")
					s.clock.advance(s.config.ResyncInterval)
					s.mustBecomeRight("after deletions " + moment)
				}
			}
		})
	}
}

func TestPagesOutOfOrder(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]apitest.Fault{"shuffled": apitest.Shuffled(), "reversed": apitest.Reversed(), "duplicates": apitest.Duplicates()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, stateless := range kinds {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					s, deep := deepRuns(t, stateless, 3)
					s.server.Inject(fault)
					s.addNew(150)
					s.project.Update(deep[1], end)
					s.mustBeRight("warm")
					s.start()
					s.mustBeRight("cold")
				})
			}
		})
	}
}

func TestPaginationThatLies(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]apitest.Fault{
		"too few pages": apitest.TotalPages(1), "too many": apitest.TotalPages(900_000), "no pages": apitest.TotalPages(0),
		"too few runs": apitest.Total(3), "no runs": apitest.Total(0), "no pagination": apitest.NoPagination(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, stateless := range kinds {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					s, deep := deepRuns(t, stateless, 3)
					s.server.Inject(fault)
					s.addNew(150)
					s.project.Update(deep[1], end)
					s.mustBeRight("warm")
					s.start()
					s.mustBeRight("cold")
				})
			}
		})
	}
}

// An API that ignores the page must neither be read for ever nor believed.
func TestTheSamePageAgainAndAgain(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := steady(t, stateless)
			s.server.Inject(apitest.SamePage())
			s.refresh()
			shown, others := s.gather()
			failures, err := others.value("empirical_exporter_refresh_failures_total{", `reason="response"`)
			if err != nil || failures != 1 || len(shown) != 0 {
				t.Errorf("%v refreshes failed for the response and %d run gauges, want 1 and none (%v)", failures, len(shown), err)
			}
		})
	}
}

func TestItemsThatBeginOrCeaseToCarryState(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"begin": true, "cease": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, deep := deepRuns(t, first, 2)
			s.project.Add(apitest.Run{ID: 5000, State: "error", ErrorCode: new("merge_conflict"), CreatedAt: s.clock.Now()})
			s.mustBeRight("before")

			s.stateless = !first
			s.server.SetState(first)
			s.project.Update(deep[0], end)
			s.project.Add(apitest.Run{ID: 5001, State: "queued", CreatedAt: s.clock.Now()})
			s.refresh()
			shown, _ := s.gather()
			if wrong := diff(withoutItemsOwn(shown), withoutItemsOwn(s.truth().exposition())); wrong != "" {
				t.Errorf("right after the change:\n%s", wrong)
			}
			s.clock.advance(s.config.ResyncInterval)
			s.mustBecomeRight("after the next resync")
			s.mustComeToAsk(map[bool]int{true: 2, false: 8}[first])
		})
	}
}

// mustComeToAsk waits until a resync under way has ended, and refreshes cost this much.
func (s *stage) mustComeToAsk(requests int) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		s.server.ResetRequests()
		s.mustBeRight("in the other way")
		got := s.server.CountRequests()
		if got == requests {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d requests, want %d: %v", got, requests, queries(s.server))
		}
	}
}
