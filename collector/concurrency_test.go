package collector_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// withoutLeaks runs a test to the end of its cleanup and wants no goroutine left over.
func withoutLeaks(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Run(name, test)
	goleak.VerifyNone(t, before)
}

// TestScrapesAtOnce has hundreds of scrapes ask while refreshes fail and
// work, some of them giving up at once. Each must see one consistent snapshot.
func TestScrapesAtOnce(t *testing.T) {
	for _, k := range []kind{{stateless: false, keys: 3}, {stateless: true, keys: 3}} {
		withoutLeaks(t, k.String(), func(t *testing.T) {
			t.Helper()
			tr := newTrial(t, k, &fault{timeout: time.Minute})
			var scrapes, troubles sync.WaitGroup
			done := make(chan struct{})
			troubles.Go(func() { tr.trouble(done) })
			for i := range 300 {
				scrapes.Go(func() { tr.scrapeConsistently(time.Duration(i%7) * 20 * time.Millisecond) })
			}
			scrapes.Wait()
			close(done)
			troubles.Wait()
			tr.refresh()
			tr.live()
			tr.noteAll()
			tr.refresh()
			tr.mustShow("after all scrapes")
		})
	}
}

// trouble makes refreshes due, and fail now and then.
func (tr *trial) trouble(done <-chan struct{}) {
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
		tr.api.InjectN(1+rnd.IntN(3), faults[rnd.IntN(len(faults))])
		tr.clock.advance(11 * time.Second)
		tr.apiClock.advance(11 * time.Second)
	}
}

// scrapeConsistently wants all groups of a project or none, and as many runs in
// them as are said to be held.
func (tr *trial) scrapeConsistently(deadline time.Duration) {
	runGauges, others := tr.scrape(deadline)
	for i, p := range tr.projects {
		held, shown := exposition{}, 0.0
		held.set(0, "empirical_exporter_runs", []string{"key", tr.name(i)})
		for series, value := range runGauges.only("empirical_runs") {
			if labelled(series, "project", p.Slug()) {
				shown += value
			}
		}
		for series := range held {
			if want := others[series]; shown != 0 && shown != want {
				tr.Errorf("%v runs of %s shown, %v held", shown, p.Slug(), want)
			}
		}
	}
}

// TestCancelledScrapesLeaveNothing has scrapes give up while a refresh hangs.
func TestCancelledScrapesLeaveNothing(t *testing.T) {
	withoutLeaks(t, "and the refresh ends", func(t *testing.T) {
		t.Helper()
		tr := newTrial(t, kind{keys: 3}, &fault{timeout: time.Hour, waits: true})
		mend := tr.inject(apitest.HangBeforeHeaders())
		defer mend()
		tr.scrape(20 * time.Millisecond)
		one := goleak.IgnoreCurrent()
		var scrapes sync.WaitGroup
		for range 200 {
			scrapes.Go(func() { tr.scrape(time.Millisecond) })
		}
		scrapes.Wait()
		goleak.VerifyNone(t, one)
	})
}

// TestCloseEndsAColdRefresh closes the exporter while the API hangs, drips and pauses.
func TestCloseEndsAColdRefresh(t *testing.T) {
	for name, f := range map[string]apitest.Fault{
		"hangs":  apitest.HangBeforeHeaders(),
		"drips":  apitest.DripBody(1, time.Second),
		"pauses": apitest.StatusRetryAfter(503, "500"),
	} {
		for _, stateless := range []bool{false, true} {
			k := kind{stateless: stateless, keys: 3}
			withoutLeaks(t, name+", "+k.String(), func(t *testing.T) {
				t.Helper()
				tr := newTrial(t, k, &fault{timeout: time.Hour, waits: true})
				defer tr.api.Inject(f)()
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				defer cancel()
				tr.exporter.Refresh(ctx)
				closed := make(chan struct{})
				go func() {
					tr.exporter.Close()
					close(closed)
				}()
				select {
				case <-closed:
				case <-time.After(20 * time.Second):
					t.Error("Close waits for the API")
					tr.api.Close()
					<-closed
				}
				if bad, _ := tr.log.take(); len(bad) != 0 {
					t.Errorf("logged of a shutdown: %q", bad)
				}
			})
		}
	}
}
