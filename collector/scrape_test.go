package collector_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// withoutLeaks runs a test to the end of its cleanup, both ways, and wants no
// goroutine left over. It is no test that others may run beside.
func withoutLeaks(t *testing.T, test func(t *testing.T, byList bool)) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	for _, byList := range []bool{false, true} {
		t.Run(wayName(byList), func(t *testing.T) { test(t, byList) })
		goleak.VerifyNone(t, before)
	}
}

// hangs are ways in which an API may never come to an end.
var hangs = map[string]apitest.Fault{
	"before headers":  apitest.HangBeforeHeaders(),
	"in mid-body":     apitest.StallBody(200),
	"byte after byte": apitest.DripBody(1, 10*time.Second),
	"between retries": apitest.StatusRetryAfter(503, "600"),
}

// hanging is for an API that hangs: nothing ends the wait for it before the test does.
func hanging(k kind) setup {
	return setup{byList: k.byList, keys: k.keys, timeout: time.Hour, pauses: true, configure: withMinInterval}
}

// The API hangs for good. Were a scrape to wait for the refresh it began, it
// would never be answered.
func TestScrape_WithinDeadline(t *testing.T) {
	t.Parallel()
	for what, hang := range hangs {
		for _, k := range allKinds() {
			t.Run(what+", "+k.String(), func(t *testing.T) {
				t.Parallel()
				tb := newTestbed(t, hanging(k))
				tb.addPast()
				tb.start()
				if k.warm {
					tb.refresh()
					tb.live()
				}
				defer tb.inject(hang)()
				tb.wantAnswer(50*time.Millisecond, 20*time.Second)
				tb.collect()
				if k.warm {
					tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
				}
				tb.wantSample("empirical_exporter_refreshes_total", labels{"key": testedKey}, boolToFloat(k.warm))
			})
		}
	}
}

// wantAnswer scrapes as a scraper does that waits no longer than the deadline.
// The limit leaves a busy machine room; hanging is longer than it.
func (tb *testbed) wantAnswer(deadline, limit time.Duration) {
	tb.Helper()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		tb.scrapeWithin(deadline)
	}()
	select {
	case <-answered:
	case <-time.After(limit):
		tb.Errorf("a scrape that waits %s is not answered after %s", deadline, limit)
		tb.exporter.Close() // ends the refresh that it waits for
		<-answered
	}
}

// Hundreds of scrapes ask while refreshes fail and work, some of them giving up
// at once. Each must see one consistent snapshot.
func TestScrape_ManyAtOnce(t *testing.T) {
	withoutLeaks(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, keys: 3, timeout: time.Minute, configure: withMinInterval})
		tb.addPast()
		tb.start()
		var scrapes, troubles sync.WaitGroup
		done := make(chan struct{})
		troubles.Go(func() { tb.trouble(done) })
		for i := range 150 {
			scrapes.Go(func() { tb.wantConsistent(tb.scrapeWithin(time.Duration(i%7) * 20 * time.Millisecond)) })
		}
		scrapes.Wait()
		close(done)
		troubles.Wait()
		tb.refresh()
		tb.live()
		tb.scrape()
		tb.wantAll("after all scrapes")
	})
}

// trouble makes refreshes due, and fail now and then.
func (tb *testbed) trouble(done <-chan struct{}) {
	rnd := rand.New(rand.NewPCG(1, 2))
	faults := []apitest.Fault{
		apitest.Status(500, "oops"), apitest.Status(403, "no"), apitest.Reset(), apitest.ShortenBody(100), apitest.Redirect(302, "http://127.0.0.1:1/"),
	}
	for {
		select {
		case <-done:
			return
		case <-time.After(3 * time.Millisecond):
		}
		tb.api.InjectN(1+rnd.IntN(3), faults[rnd.IntN(len(faults))])
		tb.clock.advance(11 * time.Second)
	}
}

// wantConsistent wants all groups of a project or none, and as many runs in
// them as the exporter says it holds.
func (tb *testbed) wantConsistent(shown exposition) {
	tb.Helper()
	for _, s := range tb.sources {
		runs := shown.with("empirical_runs", labels{"project": s.Slug()}).sum()
		held := shown.with("empirical_exporter_runs", labels{"key": s.key}).sum()
		if runs != 0 && runs != held {
			tb.Errorf("%v runs of %s shown, %v held", runs, s.Slug(), held)
		}
	}
}

// Scrapes give up while a refresh hangs, and leave nothing behind.
func TestScrape_GivenUp(t *testing.T) {
	withoutLeaks(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, hanging(kind{byList: byList, keys: 3}))
		tb.addPast()
		tb.start()
		defer tb.inject(apitest.HangBeforeHeaders())()
		tb.scrapeWithin(20 * time.Millisecond)
		tb.await("the refreshes of the keys that work, and the request that hangs", func() bool {
			return tb.gather().with("empirical_up", nil).sum() == 2 && slices.ContainsFunc(tb.api.Requests(), tb.mine())
		})
		one := goleak.IgnoreCurrent()
		var scrapes sync.WaitGroup
		for range 50 {
			scrapes.Go(func() { tb.scrapeWithin(time.Millisecond) })
		}
		scrapes.Wait()
		goleak.VerifyNone(t, one)
	})
}

// Close ends refreshes whatever they wait for.
func TestClose_EndsRefreshes(t *testing.T) {
	withoutLeaks(t, func(t *testing.T, byList bool) {
		for what, hang := range hangs {
			t.Run(what, func(t *testing.T) {
				tb := newTestbed(t, hanging(kind{byList: byList, keys: 3}))
				tb.addPast()
				tb.start()
				defer tb.api.Inject(hang)()
				tb.scrapeWithin(20 * time.Millisecond)
				closed := make(chan struct{})
				go func() {
					tb.exporter.Close()
					close(closed)
				}()
				select {
				case <-closed:
				case <-time.After(20 * time.Second):
					t.Error("Close waits for the API")
					tb.api.Close()
					<-closed
				}
				if bad, _ := tb.log.take(); len(bad) != 0 {
					t.Errorf("logged of a shutdown: %q", bad)
				}
			})
		}
	})
}

// gatherKept returns what the exporter gathers by itself. Many may do so at once.
func (tb *testbed) gatherKept() exposition {
	tb.Helper()
	families, done, err := tb.exporter.Gather()
	defer done()
	if err != nil {
		tb.Error(err)
	}
	return expositionOf(families)
}

// All that one scrape shows of a group is of one moment, the histogram too, however
// many scrapes there are at once.
func TestScrape_OneMoment(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		const runs = 200
		tb := newTestbed(t, setup{byList: byList, configure: func(c *collector.Config) { c.ZeroHold = 0 }})
		for id := range int64(runs) {
			tb.addRun(id+1, "main", "started")
		}
		tb.start()
		tb.scrape()
		tb.scrape()
		var scrapers sync.WaitGroup
		ended := make(chan struct{})
		for range 8 {
			scrapers.Go(func() {
				for {
					select {
					case <-ended:
						return
					default:
					}
					shown := tb.gatherKept()
					finished := shown.with("empirical_finished_runs_total", nil).sum()
					for name, perRun := range map[string]float64{
						"empirical_tests_total": 10, "empirical_run_duration_seconds_count": 1, "empirical_run_duration_seconds_sum": 90,
					} {
						if got := shown.with(name, nil).sum(); got != perRun*finished {
							t.Errorf("%s %v beside %v finished runs", name, got, finished)
						}
					}
				}
			})
		}
		for id := range int64(runs) {
			tb.endRun(id+1, 0)
			if id%10 == 9 {
				tb.exporter.Refresh(t.Context())
			}
		}
		close(ended)
		scrapers.Wait()
		tb.scrape()
		tb.wantSample("empirical_run_duration_seconds_count", nil, runs)
	})
}
