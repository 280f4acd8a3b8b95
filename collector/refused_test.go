package collector_test

import (
	"encoding/json"
	"fmt"
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
				if n := tb.api.CountRequests(); n > 16 { // eight lists, of which some have no page of refused items
					t.Errorf("%d requests, want no more than the first pages", n)
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
