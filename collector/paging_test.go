package collector_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// meanwhile makes something happen at each request, before it is answered or after.
func (tb *testbed) meanwhile(when func(*apitest.Server, func(apitest.Request)), do func(request int)) {
	var mu sync.Mutex
	n := 0
	when(tb.api, func(apitest.Request) {
		mu.Lock()
		defer mu.Unlock()
		n++
		do(n)
	})
}

// inPeace ends what meanwhile began.
func (tb *testbed) inPeace() {
	tb.api.OnRequest(nil)
	tb.api.OnResponse(nil)
}

var moments = map[string]func(*apitest.Server, func(apitest.Request)){
	"before a page is computed": (*apitest.Server).OnRequest,
	"before a page is sent":     (*apitest.Server).OnResponse,
}

const steadyRuns = 900

// steadyProject is a testbed with many pages of runs that stay.
func steadyProject(t *testing.T, byList bool) *testbed {
	t.Helper()
	tb := newTestbed(t, setup{byList: byList})
	all := endedRuns(steadyRuns, tb.clock.Now(), time.Minute)
	for i := range all {
		all[i].Branch = new("steady")
	}
	tb.project.AddAll(all)
	tb.start()
	return tb
}

// wantSteady wants the runs that were there all the time to be held, and none
// of them twice.
func (tb *testbed) wantSteady() {
	tb.Helper()
	if err := tb.exporter.Status()[0].Err; err != nil {
		tb.Fatalf("%s: %v", wayName(tb.byList), err)
	}
	tb.wantSample("empirical_runs", labels{"branch": "steady", "state": "ended"}, steadyRuns)
}

func (tb *testbed) addNew(n int) {
	for range n {
		tb.project.Add(apitest.Run{State: "ended", Branch: new("new"), CreatedAt: tb.clock.Now()})
	}
}

// New runs push the others to later pages while pages are read.
func TestPaging_NewRuns(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		for moment, when := range moments {
			for _, perRequest := range []int{1, 150} {
				t.Run(fmt.Sprintf("%d %s", perRequest, moment), func(t *testing.T) {
					tb := steadyProject(t, byList)
					tb.addingNew(when, perRequest)
					tb.scrape()
					tb.wantSteady()
					tb.inPeace()
					tb.scrape()
					tb.wantAll("after the first refresh")

					tb.addNew(320)
					tb.addingNew(when, perRequest)
					tb.refresh()
					tb.inPeace()
					tb.scrape()
					tb.wantAll("after a warm refresh")
				})
			}
		}
	})
}

// addingNew adds runs at each of the next twenty requests.
func (tb *testbed) addingNew(when func(*apitest.Server, func(apitest.Request)), perRequest int) {
	tb.meanwhile(when, func(n int) {
		if n <= 20 {
			tb.clock.advance(time.Millisecond)
			tb.addNew(perRequest)
		}
	})
}

// Deletions pull the others to earlier pages while pages are read.
func TestPaging_Deletions(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		for moment, when := range moments {
			for _, perRequest := range []int{1, 20} {
				t.Run(fmt.Sprintf("%d %s", perRequest, moment), func(t *testing.T) {
					tb := steadyProject(t, byList)
					var doomed []int64
					for i := range 400 {
						doomed = append(doomed, tb.project.Add(apitest.Run{
							State: "ended", Branch: new("doomed"), CreatedAt: tb.clock.Now().Add(-time.Duration(i) * 3 * time.Minute),
						}))
					}
					tb.meanwhile(when, func(n int) {
						if n != 5 && n != 12 && n != 20 {
							return
						}
						for range perRequest {
							tb.project.Delete(doomed[0])
							doomed = doomed[1:]
						}
					})
					tb.scrape()
					tb.inPeace()
					tb.wantSteady()
					tb.clock.advance(tb.config.ResyncInterval)
					tb.wantAllSoon("after the deletions")
				})
			}
		}
	})
}

func TestPaging_ItemsBeginOrCeaseToCarryState(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]bool{"begin": true, "cease": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb, deep := deepRuns(t, begin, 2)
			tb.project.Add(apitest.Run{ID: 5000, State: "error", ErrorCode: new("merge_conflict"), CreatedAt: tb.clock.Now()})
			tb.scrape()
			tb.wantAll("before")

			tb.byList = !begin
			tb.api.SetState(begin)
			tb.project.Update(deep[0], end)
			tb.project.Add(apitest.Run{ID: 5001, State: "queued", CreatedAt: tb.clock.Now()})
			tb.scrape()
			if wrong := diff(withoutItemsOwn(tb.shown), withoutItemsOwn(tb.oracle(tb.project).exposition())); wrong != "" {
				t.Errorf("right after the change:\n%s", wrong)
			}
			tb.clock.advance(tb.config.ResyncInterval)
			tb.wantAllSoon("after the next resync")
			tb.await("a refresh at the cost of the other way", func() bool {
				tb.api.ResetRequests()
				tb.scrape()
				tb.wantAll("in the other way")
				return tb.api.CountRequests() == requests{byItem: 2, byList: 8}.of(tb.byList)
			})
		})
	}
}

// A run that is seen in two lists of one refresh moved meanwhile: the later
// state counts, whichever list arrives last.
func TestPaging_RunMovesBetweenLists(t *testing.T) {
	t.Parallel()
	for _, move := range []struct{ from, to string }{
		{"pending", "queued"},
		{"queued", "started"},
		{"started", "cancelling"},
		{"started", "ended"},
		{"cancelling", "cancelled"},
		{"queued", "error"},
	} {
		t.Run(move.from+" to "+move.to, func(t *testing.T) {
			t.Parallel()
			tb := newTestbed(t, setup{byList: true})
			tb.addRun(1, "main", move.from)
			tb.start()
			tb.scrape()
			tb.wantAll("before it moves")

			tb.moveWhenListed(move.from, move.to)
			tb.api.InjectN(1, apitest.DripBody(200, 5*time.Millisecond), apitest.State(move.from))
			tb.scrape()
			tb.wantSample("empirical_runs", labels{"state": move.from}, 0)
			tb.wantSample("empirical_runs", labels{"state": move.to}, 1)
			tb.inPeace()
			tb.scrape()
			tb.wantAll("after it moved")
		})
	}
}

// moveWhenListed moves run 1 once the list of its state is computed, and lets
// no list of where it goes be computed before.
func (tb *testbed) moveWhenListed(from, to string) {
	listed := make(chan struct{})
	var once sync.Once
	tb.api.OnResponse(func(r apitest.Request) {
		if r.Query.Get("state") == from {
			once.Do(func() {
				tb.project.Update(1, func(run *apitest.Run) { run.State = to })
				close(listed)
			})
		}
	})
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Query.Get("state") == to {
			<-listed
		}
	})
}

// A project whose runs fill their last page must not be down because the API has
// no page behind it.
func TestPaging_NotFoundBehindTheEnd(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		runs := endedRuns(200, tb.clock.Now(), time.Minute)
		for i := range runs {
			runs[i].FailedCount = new(int64(0))
		}
		tb.project.AddAll(runs)
		tb.inject(apitest.Status(404, "no such page"), apitest.Page(3))
		tb.start()
		tb.scrape()
		tb.wantAll("at first")
		tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
		tb.clock.advance(tb.config.ResyncInterval)
		tb.scrape()
		tb.awaitResync()
	})
}
