package collector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// heldRuns returns how many runs of the lookback a scrape shows as held.
func (tb *testbed) heldRuns() int {
	tb.Helper()
	tb.collect()
	return int(tb.shown.with("empirical_exporter_runs", labels{"key": testedKey}).sum())
}

// awaitResync waits until a resync that begins now has read the lookback again.
func (tb *testbed) awaitResync() {
	tb.Helper()
	tb.await("a resync", tb.hasResynced)
}

// A resync that is under way when the key goes to another project must not
// bring back what it read of the former one.
func TestResync_OfTheFormerProject(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.addRun(1, "main", "ended")
	tb.start()
	tb.refresh()
	release, slow := make(chan struct{}), make(chan struct{})
	tb.api.ResetRequests()
	tb.api.OnResponse(func(r apitest.Request) {
		if r.Number == 2 { // the first is the refresh's
			close(slow)
			<-release
		}
	})
	t.Cleanup(func() {
		select {
		case <-release:
		default:
			close(release)
		}
	})
	tb.clock.advance(tb.config.ResyncInterval)
	tb.refresh()
	<-slow

	tb.project.SetSlug("another")
	tb.addRun(2, "main", "ended")
	tb.addRun(3, "main", "ended")
	tb.scrape()
	tb.wantAll("the key went to another project")
	answered := tb.shown.with("empirical_exporter_api_requests_total", labels{"code": "200"}).sum()
	close(release)
	tb.await("the answer to the resync", func() bool {
		tb.collect()
		return tb.shown.with("empirical_exporter_api_requests_total", labels{"code": "200"}).sum() > answered
	})
	tb.exporter.Close() // waits for the resync, which needs nothing more of the API
	tb.collect()
	tb.wantAll("the resync has ended")
}

func TestResync_RunsLostAndFoundCountOnce(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, 0)
		tb.scrape()
		tb.endRun(2, 1)
		for range 3 {
			tb.scrape()
		}
		tb.wantSample("empirical_tests_total", onMain, 10)

		before, _ := tb.project.Run(1) // had ended when the exporter started
		seen, _ := tb.project.Run(2)
		tb.project.Delete(1)
		tb.project.Delete(2)
		tb.clock.advance(tb.config.ResyncInterval)
		tb.refresh()
		tb.awaitResync() // and no scrape sees their group gone
		tb.project.Add(before)
		tb.project.Add(seen)
		for range 3 {
			tb.scrape()
		}
		tb.wantAll("found")
		tb.wantSample("empirical_tests_total", onMain, 10)
		tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": "failed"}, 1)
	})
}

// Runs that have left the lookback are forgotten, even where resyncs fail: else
// memory would grow. A clock that is set back shows which are still held.
func TestResync_FailureKeepsNoOldRuns(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	for id := range int64(3) {
		tb.addRun(id+1, "main", "ended")
	}
	tb.start()
	tb.refresh()
	tb.clock.advance(10 * day)
	tb.addRun(4, "main", "ended")
	if n := tb.heldRuns(); n != 0 {
		t.Fatalf("%d runs are held of the lookback, want none yet", n)
	}
	tb.api.ResetRequests()
	tb.inject(apitest.Status(400, "no"), apitest.After(1)) // the first is the refresh's
	tb.refresh()
	tb.await("the failure of the resync", func() bool {
		bad, _ := tb.log.take()
		return strings.Contains(strings.Join(bad, "\n"), "resync failed")
	})
	if n := tb.api.CountRequests(); n != 2 {
		t.Fatalf("%d requests, want one of the refresh and one of the resync", n)
	}
	tb.skew.Store(int64(-10 * day))
	if n := tb.heldRuns(); n != 1 {
		t.Errorf("%d runs are held, want the one of the lookback", n)
	}
}

// One request may be in flight, and that of a resync hangs. Refreshes go on, and
// the resync with them.
func TestResync_GivesWay(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, atOnce: 1, timeout: 10 * time.Minute})
		tb.addRun(1, "main", "ended")
		tb.start()
		tb.refresh()
		tb.clock.advance(tb.config.ResyncInterval)
		tb.addRun(2, "main", "ended")
		tb.api.ResetRequests()
		requests := map[bool]int{false: 1, true: 8}[byList]
		mend := tb.inject(apitest.HangBeforeHeaders(), apitest.After(requests), func(r apitest.Request) bool { return r.Number == requests+1 })
		tb.refresh() // begins the resync
		tb.await("the request of the resync", func() bool { return tb.api.CountRequests() > requests })
		tb.addRun(3, "main", "ended")
		tb.scrape() // which takes a minute at most
		tb.wantAll("while the request of the resync hangs")
		mend()
		tb.awaitResync()
		tb.scrape()
		tb.wantAll("after the resync")
		if bad, _ := tb.log.take(); len(bad) != 0 {
			t.Errorf("logged %q, want nothing", bad)
		}
	})
}
