package collector_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// fullReads are the two occasions on which a reading of the whole lookback is
// held against what is held already.
var fullReads = map[string]func(tb *testbed, move func(request int)){
	"resync": func(tb *testbed, move func(int)) {
		tb.clock.advance(tb.config.ResyncInterval)
		tb.moving(move)
		tb.refresh()
		tb.awaitResync()
	},
	"rename": func(tb *testbed, move func(int)) {
		tb.updateAll(func(r *apitest.Run) { r.EnvironmentSlug = new("renamed") })
		tb.moving(move)
		tb.refresh()
	},
}

// moving makes something happen before each request of a full read is answered.
func (tb *testbed) moving(move func(request int)) {
	warm := requests{byItem: 1, byList: 8}.of(tb.byList)
	tb.meanwhile((*apitest.Server).OnRequest, func(n int) {
		if n > warm {
			move(n - warm)
		}
	})
}

// doom adds runs that are newer than the steady ones and will be deleted.
func (tb *testbed) doom(branch string, n int) (ids []int64) {
	for range n {
		ids = append(ids, tb.project.Add(apitest.Run{State: "ended", Branch: &branch, CreatedAt: tb.clock.Now()}))
	}
	return ids
}

// addBelow adds a run that is older than the steady ones.
func (tb *testbed) addBelow() {
	tb.project.Add(apitest.Run{State: "ended", Branch: new("below"), CreatedAt: tb.clock.Now().Add(-7 * day)})
}

// movements are what lists do while they are read. Each returns what happens at a
// request of the full read.
func movements() map[string]func(tb *testbed) func(request int) {
	return map[string]func(tb *testbed) func(request int){
		"a deletion at each request": func(tb *testbed) func(int) {
			doomed := tb.doom("doomed", 60)
			return func(n int) {
				if n < len(doomed) {
					tb.project.Delete(doomed[n])
				}
			}
		},
		"pages of 50, and many deletions": func(tb *testbed) func(int) {
			tb.inject(apitest.CapPerPage(50))
			doomed := tb.doom("doomed", 260)
			return func(n int) {
				for range 60 {
					if n%5 == 0 && len(doomed) > 0 {
						tb.project.Delete(doomed[0])
						doomed = doomed[1:]
					}
				}
			}
		},
		"one leaves above while one enters below": func(tb *testbed) func(int) {
			doomed := tb.doom("doomed", 60)
			return func(n int) {
				if n < len(doomed) {
					tb.project.Delete(doomed[n])
					tb.addBelow()
				}
			}
		},
		"many leave above while many enter below": func(tb *testbed) func(int) {
			doomed := tb.doom("doomed", 300)
			return func(n int) {
				for range 30 {
					if n < 10 && len(doomed) > 0 {
						tb.project.Delete(doomed[0])
						doomed = doomed[1:]
						tb.addBelow()
					}
				}
			}
		},
		"snoozes end between the lists": func(tb *testbed) func(int) {
			return func(n int) {
				if n != 8 { // when the list of passed runs is asked for
					return
				}
				for _, r := range tb.project.Runs()[:5] {
					tb.project.Update(r.ID, func(r *apitest.Run) { r.FailedCount = new(int64(1)) })
				}
			}
		},
	}
}

// A finished run that one full read does not show, because lists shift while
// they are read, is still there; one that was deleted before is not.
func TestFullRead_LosesNoLiveRun(t *testing.T) {
	t.Parallel()
	for what, movement := range movements() {
		for when, fullRead := range fullReads {
			t.Run(what+", "+when, func(t *testing.T) {
				t.Parallel()
				bothWays(t, func(t *testing.T, byList bool) {
					tb := steadyProject(t, byList)
					gone := tb.doom("gone", 3)
					move := movement(tb)
					tb.scrape()
					tb.wantSteady()
					for _, id := range gone {
						tb.project.Delete(id)
					}
					fullRead(tb, move)
					tb.inPeace()
					tb.collect()
					tb.wantSteady()
					tb.wantNoSample("empirical_runs", labels{"branch": "gone"})
				})
			})
		}
	}
}

// Deletions are seen in the very resync, few or many, at the cost of the refresh,
// of the lookback, and of look-ups or of the lookback once more.
func TestResync_Deletions(t *testing.T) {
	t.Parallel()
	for deleted, most := range map[int]requests{
		1:   {byItem: 1 + 9 + 1, byList: 8 + 16 + 12},
		16:  {byItem: 1 + 9 + 16, byList: 8 + 16 + 16*12},
		17:  {byItem: 1 + 2*9, byList: 8 + 2*16},
		400: {byItem: 1 + 2*6, byList: 8 + 2*12},
	} {
		t.Run(fmt.Sprintf("%d deleted", deleted), func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, byList bool) {
				tb := steadyProject(t, byList)
				tb.scrape()
				for _, r := range tb.project.Runs()[:deleted] {
					tb.project.Delete(r.ID)
				}
				tb.clock.advance(tb.config.ResyncInterval)
				tb.api.SetLatency(time.Millisecond) // so that requests at once are seen to be
				tb.api.ResetRequests()
				tb.refresh()
				tb.awaitResync()
				tb.collect()
				tb.wantAll("deleted")
				if at := tb.api.MaxInFlight(); !byList && at != 1 {
					t.Errorf("%d requests at once, want one", at)
				}
				if n, most := tb.api.CountRequests(), most.of(byList); n > most {
					t.Errorf("%d requests, want at most %d", n, most)
				}
			})
		})
	}
}

// resyncDue serves a project with one run, whose exporter resyncs after its next
// refresh. Requests are counted from here.
func resyncDue(t *testing.T, byList bool) *testbed {
	t.Helper()
	tb := newTestbed(t, setup{byList: byList})
	tb.addRun(1, "main", "ended")
	tb.start()
	tb.scrape()
	tb.clock.advance(tb.config.ResyncInterval)
	tb.api.ResetRequests()
	return tb
}

// A refresh that reads the whole lookback while an older resync is still reading
// is the last full read, whichever ends last.
func TestResync_IsOlderThanAFullRefresh(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := resyncDue(t, byList)
		release, first := make(chan struct{}), requests{byItem: 1, byList: 8}.of(byList)+1
		tb.api.OnResponse(func(r apitest.Request) {
			if r.Number == first { // the resync's
				<-release
			}
		})
		tb.refresh()
		tb.await("the resync", func() bool { return tb.api.CountRequests() == first })
		tb.clock.advance(tb.config.ResyncInterval / 2)
		tb.updateAll(func(r *apitest.Run) { r.EnvironmentSlug = new("renamed") })
		tb.scrape()
		fullRead := tb.exporter.Status()[0].FullReadAt
		if !fullRead.Equal(tb.now()) {
			t.Fatalf("the last full read was at %s, want now, %s", fullRead, tb.now())
		}
		// By item the page that waits has the old name: the resync reads once more.
		before, needed := tb.attempts(), requests{byItem: 2, byList: 8}.of(byList)
		close(release)
		tb.await("the answers to the resync", func() bool { return tb.attempts() == before+float64(needed) })
		tb.exporter.Close() // waits for the resync, which needs nothing more of the API
		tb.collect()
		tb.wantAll("the resync has ended")
		if at := tb.exporter.Status()[0].FullReadAt; !at.Equal(fullRead) {
			t.Errorf("the last full read was at %s, want %s", at, fullRead)
		}
	})
}

// What refreshes read beside a resync it need not look for.
func TestResync_NewRunsMeanwhile(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := resyncDue(t, byList)
		release, warm := make(chan struct{}), requests{byItem: 1, byList: 8}.of(byList)
		tb.api.OnResponse(func(r apitest.Request) {
			if r.Number == 2*warm { // the resync's last
				<-release
			}
		})
		tb.refresh()
		tb.await("the resync", func() bool { return tb.api.CountRequests() == 2*warm })
		tb.doom("new", 2*16)
		tb.scrape()
		close(release)
		tb.awaitResync()
		if n := tb.api.CountRequests(); n != 3*warm {
			t.Errorf("%d requests, want %d of two refreshes and of the resync", n, 3*warm)
		}
		tb.wantAll("the resync has ended")
	})
}

// An API that shows another project only for a moment must not cost what is held.
func TestRefresh_AnotherProjectForAMoment(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := steadyProject(t, byList)
		tb.scrape()
		tb.api.InjectN(requests{byItem: 1, byList: 8}.of(byList), apitest.EditBody(func(doc map[string]any) {
			doc["data"].(map[string]any)["project"] = map[string]any{"slug": "another"}
		}))
		tb.failing = true
		tb.scrape()
		tb.wantAll("another for a moment")
		tb.wantSample("empirical_exporter_refresh_failures_total", labels{"reason": "response"}, 1)
	})
}
