package collector_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// unreadable makes items that cannot be trusted of runs.
func (tb *testbed) unreadable(runs ...apitest.Run) {
	for _, r := range runs {
		tb.project.Update(r.ID, func(r *apitest.Run) {
			r.Extra = map[string]json.RawMessage{"created_at": json.RawMessage(`"soon"`)}
		})
	}
}

// Where most items are refused it is the answer that is wrong: what was read
// before stands, and no more is asked for.
func TestRefused_MostItems(t *testing.T) {
	t.Parallel()
	for _, warm := range []bool{false, true} {
		t.Run(fmt.Sprintf("warm %v", warm), func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, byList bool) {
				tb := newTestbed(t, setup{byList: byList})
				tb.project.AddAll(endedRuns(5_000, tb.clock.Now(), time.Minute))
				tb.start()
				if warm {
					tb.scrape()
					tb.wantSample("empirical_failing_streak_runs", labels{"branch": "feat/0"}, 0)
				}
				before := tb.shown.runGauges()
				tb.unreadable(tb.project.Runs()...)
				tb.api.ResetRequests()
				tb.failing = true
				tb.scrape()
				tb.wantSample("empirical_up", labels{"key": testedKey}, 0)
				tb.wantSample("empirical_exporter_refresh_failures_total", labels{"reason": "response"}, 1)
				if wrong := diff(tb.shown.runGauges(), before); wrong != "" {
					t.Errorf("the snapshot has changed:\n%s", wrong)
				}
				// A warm refresh comes to known ground. A cold one goes on until the rest
				// cannot make up for what was refused.
				most := 5_000/100/2 + 12
				if warm {
					most = requests{byItem: 1, byList: 8}.of(byList)
				}
				if n := tb.api.CountRequests(); n > most {
					t.Errorf("%d requests, want at most %d", n, most)
				}
			})
		})
	}
}

// The line is at half of the runs, each counted once however often it was met.
func TestRefused_HalfOfTheItems(t *testing.T) {
	t.Parallel()
	for refused, up := range map[int]float64{75: 1, 76: 0} {
		t.Run(fmt.Sprint(refused), func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, byList bool) {
				tb := newTestbed(t, setup{byList: byList})
				tb.project.AddAll(endedRuns(150, tb.clock.Now(), time.Minute))
				for i, r := range tb.project.Runs() {
					if i%2 == 0 && i/2 < refused {
						tb.unreadable(r)
					}
				}
				if refused > 75 {
					tb.unreadable(tb.project.Runs()[1])
				}
				tb.start()
				tb.scrape()
				tb.wantSample("empirical_up", labels{"key": testedKey}, up)
			})
		})
	}
}

// One item that can be read among those that cannot makes no refresh read on.
func TestRefused_AllButOne(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(5_000, tb.clock.Now(), time.Minute))
		tb.start()
		tb.scrape()
		tb.unreadable(tb.project.Runs()...)
		tb.addRun(10_000, "main", "ended")
		for range 2 {
			tb.api.ResetRequests()
			tb.scrape()
			tb.wantSample("empirical_up", labels{"key": testedKey}, 0)
			if n, most := tb.api.CountRequests(), (requests{byItem: 1, byList: 8}.of(byList)); n > most {
				t.Errorf("%d requests, want at most %d", n, most)
			}
		}
	})
}

// A page of nothing but refused items says nothing of the others.
func TestRefused_FirstPage(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(1_100, tb.clock.Now(), time.Minute))
		all := tb.project.Runs()
		slices.SortFunc(all, func(a, b apitest.Run) int { return b.CreatedAt.Compare(a.CreatedAt) })
		tb.unreadable(all[:100]...)
		tb.start()
		tb.scrape()
		tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
		tb.wantSample("empirical_exporter_runs", labels{"key": testedKey}, 1_000)
	})
}

// What a refresh that failed refused is not logged with it. It is when a refresh
// works that leaves it out.
func TestRefused_IsLoggedWhenARefreshWorks(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		for id := range int64(3) {
			tb.addRun(id+1, "main", "ended")
		}
		tb.unreadable(tb.project.Runs()...)
		tb.start()
		tb.scrape()
		if bad, _ := tb.log.take(); len(bad) != 1 || !strings.Contains(bad[0], "refresh failed") {
			t.Errorf("logged %q, want only that the refresh failed", bad)
		}
		for id := range int64(2) {
			tb.project.Update(id+1, func(r *apitest.Run) { r.Extra = nil })
		}
		tb.scrape()
		if bad, _ := tb.log.take(); len(bad) != 1 || !strings.Contains(bad[0], "runs left out") {
			t.Errorf("logged %q, want that a run is left out", bad)
		}
	})
}

// An item that is refused on a page and then looked up in order is not refused.
func TestRefused_ThenFound(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.project.AddAll(endedRuns(300, tb.clock.Now(), time.Minute))
	tb.addRun(1000, "main", "started")
	tb.start()
	tb.scrape()
	tb.unreadable(tb.project.Runs()[:51]...) // of the hundred of a page
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Query.Get("id") == "1000" {
			tb.project.Update(1000, func(r *apitest.Run) { r.Extra = nil })
		}
	})
	tb.scrape()
	tb.wantSample("empirical_up", nil, 1)
	tb.wantSample("empirical_runs", labels{"branch": "main", "state": "started"}, 1)
}
