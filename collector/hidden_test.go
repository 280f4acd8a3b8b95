package collector_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// hideWhileRead lets a run end when its list is read last and the list of passed
// runs has been read already, down to a number of pages: it is seen in neither.
func (tb *testbed) hideWhileRead(id int64, pages int64) {
	read, passed := make(chan struct{}), atomic.Int64{}
	tb.api.OnResponse(func(r apitest.Request) {
		if r.Query.Get("result") == "passed" && passed.Add(1) == pages {
			tb.project.Update(id, func(r *apitest.Run) { r.State = "ended" })
			close(read)
		}
	})
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Query.Get("state") == "started" {
			<-read
		}
	})
}

// A new run that moves to another list while the lists are read may be in none
// of them. The next refresh has it, however many newer ones there are.
func TestRefresh_NewRunChangesListWhileRead(t *testing.T) {
	t.Parallel()
	for _, newer := range []struct{ before, after, pages int }{{0, 0, 1}, {60, 60, 1}, {60, 250, 1}, {150, 0, 2}, {99, 1, 1}} {
		t.Run(fmt.Sprintf("%d newer, then %d", newer.before, newer.after), func(t *testing.T) {
			t.Parallel()
			tb := newTestbed(t, setup{byList: true})
			tb.project.AddAll(endedRuns(400, tb.clock.Now(), time.Minute))
			tb.start()
			tb.scrape()
			tb.addRun(1000, "hidden", "started")
			tb.clock.advance(time.Second)
			tb.addNew(newer.before)
			tb.hideWhileRead(1000, int64(newer.pages))
			tb.scrape()
			tb.wantNoSample("empirical_runs", labels{"branch": "hidden"})
			tb.inPeace()
			tb.addNew(newer.after)
			tb.scrape()
			tb.wantAll("the next refresh")
			tb.wantRequests("nothing new", requests{byList: 8})
		})
	}
}

// What one refresh has read, however much, is known ground for the next.
func TestRefresh_ManyNewRuns(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(400, tb.clock.Now(), time.Minute))
		tb.start()
		tb.scrape()
		tb.addNew(250)
		tb.wantRequests("many new", requests{byItem: 3, byList: 8 + 2})
		tb.wantRequests("nothing new", requests{byItem: 1, byList: 8})
	})
}
