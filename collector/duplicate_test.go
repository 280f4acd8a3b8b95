package collector_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// twoKeysOfOneProject is a testbed whose second key reads the first's project.
func twoKeysOfOneProject(t *testing.T, byList bool) (tb *testbed, first, second *source) {
	t.Helper()
	tb = newTestbed(t, setup{byList: byList, keys: 2})
	first, second = tb.sources[0], tb.sources[1]
	second.SetKey("of-no-file")
	first.AddKey(second.secrets[0])
	first.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now()})
	tb.start()
	return tb, first, second
}

// A first key that is dead for good must not block a good second one for ever. It
// has the project back when it works again.
func TestDuplicate_DeadFirstKeyLapses(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb, first, second := twoKeysOfOneProject(t, byList)
		wantUp := func(when string, ofFirst, ofSecond float64) {
			t.Helper()
			tb.scrape()
			t.Log(when)
			tb.wantSample("empirical_up", labels{"key": first.key}, ofFirst)
			tb.wantSample("empirical_up", labels{"key": second.key}, ofSecond)
			tb.wantSample("empirical_runs", labels{"branch": "main", "state": "ended"}, 1) // of one key
		}
		tb.scrape()
		tb.clock.advance(time.Second)
		wantUp("both keys are good", 1, 0)

		mend := tb.api.Inject(apitest.Status(http.StatusUnauthorized, "disabled"), apitest.Key(first.secrets[0]))
		tb.clock.advance(tb.config.MaxStaleness)
		wantUp("the first key's snapshot is as old as it may be", 0, 0)
		tb.clock.advance(time.Second)
		wantUp("it is too old", 0, 1)
		tb.clock.advance(time.Hour)
		wantUp("it stays away", 0, 1)

		mend()
		tb.scrape()
		tb.clock.advance(time.Second)
		wantUp("it is back", 1, 0)
	})
}

// Two slugs that become one label value would write the same series, and no
// scrape would work any more.
func TestDuplicate_SlugsOfOneLabelValue(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{keys: 2})
	tb.sources[0].SetSlug("shop?")
	tb.sources[1].SetSlug("shop\ufffd")
	for _, s := range tb.sources {
		s.Add(apitest.Run{State: "ended", Branch: new("main")})
	}
	tb.start()
	tb.scrape()
	tb.clock.advance(time.Second)
	tb.scrape()
	tb.wantSample("empirical_up", labels{"key": tb.sources[0].key}, 1)
	tb.wantSample("empirical_up", labels{"key": tb.sources[1].key}, 0)
	tb.wantSample("empirical_runs", labels{"project": "shop?", "state": "ended"}, 1)
	tb.wantSample("empirical_exporter_refresh_failures_total", labels{"key": tb.sources[1].key, "reason": "duplicate_project"}, 2)
}

// Looking changes nothing: who looks at a duplicate counts no failure and logs
// nothing.
func TestDuplicate_LookingChangesNothing(t *testing.T) {
	t.Parallel()
	tb, first, second := twoKeysOfOneProject(t, false)
	mend := tb.api.Inject(apitest.Status(http.StatusUnauthorized, "disabled"), apitest.Key(first.secrets[0]))
	tb.scrape()
	mend()
	release := make(chan struct{})
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Key == second.secrets[0] {
			<-release
		}
	})
	defer close(release)
	tb.scrapeWithin(50 * time.Millisecond) // the first key's refresh ends, the second's does not
	tb.await("the first key's project", func() bool { return tb.exporter.Status()[0].Project.Slug != "" })
	tb.log.take()
	for range 3 {
		tb.exporter.Status()
		tb.exporter.Ready()
		tb.collect()
	}
	tb.wantSample("empirical_up", labels{"key": second.key}, 0)
	tb.wantSample("empirical_exporter_refresh_failures_total", labels{"key": second.key, "reason": "duplicate_project"}, 0)
	if status := tb.exporter.Status()[1]; status.Err == nil {
		t.Error("the status does not say that another key shows the project")
	}
	if bad, others := tb.log.take(); len(bad)+len(others) != 0 {
		t.Errorf("logged %q %q, want nothing", bad, others)
	}
}

// Both keys of a project write the same series. A key that shows it again must
// not go on where it stood, else what the other counted meanwhile counts twice.
func TestDuplicate_CountersBeginAnew(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb, first, _ := twoKeysOfOneProject(t, byList)
		finish := func(id int64) {
			first.Add(apitest.Run{ID: id, State: "started", Branch: new("main"), CreatedAt: tb.clock.Now()})
			tb.scrape()
			tb.clock.advance(hold)
			first.Update(id, func(r *apitest.Run) { r.State = "ended" })
			tb.scrape()
			tb.clock.advance(hold)
			tb.scrape()
		}
		finished := func() float64 { return tb.shown.with("empirical_finished_runs_total", nil).sum() }
		tb.scrape()
		finish(100)
		if got := finished(); got != 1 {
			t.Fatalf("%v runs finished, want 1", got)
		}
		mend := tb.api.Inject(apitest.Status(http.StatusUnauthorized, "disabled"), apitest.Key(first.secrets[0]))
		tb.clock.advance(tb.config.MaxStaleness + time.Second)
		tb.scrape()
		finish(200)
		mend()
		tb.clock.advance(time.Second)
		tb.scrape()
		tb.scrape()
		if got := finished(); got != 0 {
			t.Errorf("the first key is back with %v finished runs, want to begin anew", got)
		}
		finish(300)
		if got := finished(); got != 1 {
			t.Errorf("%v runs finished since the first key is back, want 1", got)
		}
	})
}

// An earlier key reads the project while the refresh of a later one is under way:
// that one has failed when it ends.
func TestDuplicate_WhileTheLaterKeyReads(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, keys: 2})
		first, second := tb.sources[0], tb.sources[1]
		second.SetKey("of-no-file")
		first.AddKey(second.secrets[0])
		first.AddAll(endedRuns(350, tb.clock.Now(), time.Minute))
		firstBegins, secondGoesOn := make(chan struct{}), make(chan struct{})
		tb.api.OnRequest(func(r apitest.Request) {
			switch {
			case r.Key == first.secrets[0]:
				<-firstBegins
			case r.Query.Get("page") == "2":
				<-secondGoesOn
			}
		})
		tb.start()
		tb.scrapeWithin(50 * time.Millisecond)
		tb.await("the later key's second page", func() bool {
			for _, r := range tb.api.Requests() {
				if r.Key == second.secrets[0] && r.Query.Get("page") == "2" {
					return true
				}
			}
			return false
		})
		close(firstBegins)
		refreshed := func(s *source) func() bool {
			return func() bool {
				tb.collect()
				return tb.shown.with("empirical_exporter_refreshes_total", labels{"key": s.key}).sum() == 1
			}
		}
		tb.await("the earlier key's refresh", refreshed(first))
		close(secondGoesOn)
		tb.await("the later key's refresh", refreshed(second))
		tb.wantSample("empirical_up", labels{"key": first.key}, 1)
		tb.wantSample("empirical_up", labels{"key": second.key}, 0)
		tb.wantSample("empirical_exporter_refresh_failures_total", labels{"key": second.key, "reason": "duplicate_project"}, 1)
	})
}
