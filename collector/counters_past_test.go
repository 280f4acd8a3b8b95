package collector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// What had finished before the first good refresh is never counted, whenever it
// is first read.
func TestCounters_ThePastIsNeverCounted(t *testing.T) {
	t.Parallel()
	past := func(t *testing.T, byList bool) *testbed {
		t.Helper()
		tb := newTestbed(t, setup{byList: byList, configure: withHold(0)})
		tb.project.AddAll(endedRuns(300, tb.clock.Now(), 10*time.Minute))
		tb.start()
		return tb
	}
	wantFinished := func(tb *testbed, when string, want float64) {
		tb.Helper()
		for range 3 {
			tb.scrape()
		}
		tb.wantAll(when)
		if n := tb.shown.with("empirical_finished_runs_total", nil).sum(); n != want {
			tb.Errorf("%s: %v runs are counted, want %v", when, n, want)
		}
	}
	bothWays(t, func(t *testing.T, byList bool) {
		tb := past(t, byList)
		tb.skew.Store(int64(-36 * time.Hour)) // a day and a half behind: some runs lie too far ahead
		tb.scrape()
		tb.skew.Store(0)
		wantFinished(tb, "the clock is set right", 0)

		tb = past(t, byList)
		for i, r := range tb.project.Runs() {
			if i%3 == 0 {
				tb.unreadable(r)
			}
		}
		tb.scrape()
		tb.updateAll(func(r *apitest.Run) { r.Extra = nil })
		tb.clock.advance(tb.config.ResyncInterval)
		tb.wantAllSoon("refused items become sound")
		wantFinished(tb, "refused items become sound", 0)

		tb = past(t, byList)
		tb.scrape()
		tb.clock.advance(time.Minute)
		tb.addRun(1000, "main", "started")
		tb.scrape()
		tb.endRun(1000, 0) // and is counted, once
		tb.scrape()
		tb.api.ResetRequests()
		mend := tb.inject(apitest.Status(400, "no"), apitest.After(requests{byItem: 1, byList: 8}.of(byList)))
		tb.skew.Store(int64(30 * day)) // the resync fails, and drops all that is old by this clock
		tb.refresh()
		tb.await("the failure of the resync", func() bool {
			bad, _ := tb.log.take()
			return strings.Contains(strings.Join(bad, "\n"), "resync failed")
		})
		mend()
		tb.skew.Store(0)
		tb.clock.advance(tb.config.ResyncInterval)
		tb.wantAllSoon("the clock is right again")
		wantFinished(tb, "the clock is right again", 1)
	})
}
