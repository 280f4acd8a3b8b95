package collector_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// endedRuns makes runs that ended, one a step, the newest a step ago. Every
// third of them failed.
func endedRuns(n int, now time.Time, step time.Duration) []apitest.Run {
	all := make([]apitest.Run, n)
	for i := range all {
		all[i] = apitest.Run{
			ID: int64(i + 1), State: "ended", CreatedAt: now.Add(-time.Duration(n-i) * step),
			Branch: new(fmt.Sprintf("feat/%d", i%7)), EnvironmentSlug: new("staging"),
			TotalCount: new(int64(10)), SuccessCount: new(int64(9)), FailedCount: new(int64(i % 3 / 2)), Duration: new(int64(60_000 + i)),
		}
	}
	return all
}

// deepRuns is a testbed with runs that are active beneath three pages of newer
// ones, where no page that a refresh reads first shows them.
func deepRuns(t *testing.T, byList bool, active int) (tb *testbed, deep []int64) {
	t.Helper()
	tb = newTestbed(t, setup{byList: byList})
	tb.project.AddAll(endedRuns(350, tb.clock.Now(), time.Minute))
	for i := range active {
		id := int64(1000 + i)
		tb.project.Add(apitest.Run{ID: id, State: "started", Branch: new("slow"), CreatedAt: tb.clock.Now().Add(-7 * time.Hour)})
		deep = append(deep, id)
	}
	tb.start()
	tb.scrape()
	tb.wantAll("at first")
	tb.clock.advance(time.Minute)
	return tb, deep
}

func end(r *apitest.Run) {
	r.State, r.TotalCount, r.FailedCount, r.Duration = "ended", new(int64(5)), new(int64(1)), new(int64(25_200_000))
}

// requests is how many a refresh takes in each way of reading.
type requests struct{ byItem, byList int }

func (r requests) of(byList bool) int {
	if byList {
		return r.byList
	}
	return r.byItem
}

// wantRequests scrapes, and wants all to be right and to have cost this much.
func (tb *testbed) wantRequests(when string, want requests) {
	tb.Helper()
	tb.api.ResetRequests()
	tb.scrape()
	tb.wantAll(when)
	if got := tb.api.CountRequests(); got != want.of(tb.byList) {
		tb.Errorf("%s: %d requests, want %d: %v", when, got, want.of(tb.byList), queries(tb.api))
	}
}

func queries(s *apitest.Server) (all []string) {
	for _, r := range s.Requests() {
		all = append(all, r.Query.Encode())
	}
	return all
}

// A warm refresh costs the same at any number of runs.
func TestRefresh_Requests(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, configure: func(c *collector.Config) { c.ResyncInterval = day }})
		tb.project.AddAll(endedRuns(5_000, tb.clock.Now(), 2*time.Minute))
		tb.project.Add(apitest.Run{ID: 200_000, State: "started", CreatedAt: tb.clock.Now()})
		tb.start()
		tb.scrape()
		tb.wantSample("empirical_exporter_runs", nil, 5_001)

		if byList {
			tb.api.SetLatency(50 * time.Millisecond) // so that requests at once are seen to be
		}
		tb.wantRequests("nothing new", requests{byItem: 1, byList: 8})
		if at := tb.api.MaxInFlight(); byList && at != 8 {
			t.Errorf("%d requests at once, want 8", at)
		}
		tb.project.Add(apitest.Run{ID: 200_001, State: "queued", CreatedAt: tb.clock.Now()})
		tb.project.Update(200_000, func(r *apitest.Run) { r.State = "ended" })
		tb.wantRequests("one run new and one ended", requests{byItem: 1, byList: 8})
	})
}

func TestRefresh_LateFinisher(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb, deep := deepRuns(t, byList, 4)
		tb.wantRequests("still active", requests{byItem: 1 + 4, byList: 8})
		for i, finish := range []struct {
			how    func(*apitest.Run)
			byList int // further requests; all lists but that of passed runs are short enough to show it
		}{
			{end, 4},
			{func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("worker_interrupted") }, 0},
			{func(r *apitest.Run) { r.State = "cancelled" }, 0},
			{func(r *apitest.Run) { r.State = "cancelling" }, 0},
		} {
			tb.project.Update(deep[i], finish.how)
			tb.wantRequests(fmt.Sprintf("%d moved on", i+1), requests{byItem: 1 + 4 - i, byList: 8 + finish.byList})
		}
	})
}

// More active runs than are looked up one by one are read by their lists.
func TestRefresh_ManyLateFinishers(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb, deep := deepRuns(t, byList, 9)
		tb.wantRequests("all active", requests{byItem: 1 + 4, byList: 8})
		tb.project.Update(deep[0], end)
		tb.project.Update(deep[8], end)
		tb.wantRequests("two ended", requests{byItem: 1 + 4 + 2, byList: 8 + 2*4})
		for _, id := range deep[1:8] {
			tb.project.Update(id, end)
		}
		tb.scrape()
		tb.wantAll("all ended")
	})
}

func TestRefresh_ActiveRunsVanish(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		for answer, active := range map[apitest.UnknownID]int{apitest.NotFound: 6, apitest.EmptyList: 2} {
			tb, deep := deepRuns(t, byList, active)
			tb.api.SetUnknownID(answer)
			tb.project.Delete(deep[0])
			tb.scrape()
			tb.wantAll("one deleted")
			for _, id := range deep[1:] {
				tb.project.Delete(id)
			}
			tb.scrape()
			tb.wantAll("all deleted")
		}
	})
}

func TestRefresh_HeldRunIsRefusedNow(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, 0)
		tb.scrape()
		tb.wantSample("empirical_exporter_runs", nil, 4)
		tb.endRun(2, 1)
		tb.project.Update(2, func(r *apitest.Run) {
			r.Extra = map[string]json.RawMessage{"created_at": json.RawMessage(`"never"`)}
		})
		tb.hidden = 2
		tb.scrape()
		tb.wantAll("an item without a date")
		tb.wantSample("empirical_runs", labels{"branch": "main", "state": "started"}, 0)
	})
}

// A look-up by id that shows other runs says nothing of the one that was asked for.
func TestRefresh_LookUpShowsOtherRuns(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb, deep := deepRuns(t, byList, 1)
		tb.project.Update(deep[0], end)
		tb.inject(apitest.IgnoreID())
		tb.failing = true
		tb.scrape()
		tb.wantAll("the refresh has failed")
		tb.wantSample("empirical_exporter_refresh_failures_total", labels{"reason": "response"}, 1)
	})
}

// Two keys are given each other's project. While the one cannot read its new
// project it still has the old one, which the other shows already: shown twice
// it would cost the scrape both.
func TestRefresh_KeysAreExchanged(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, keys: 2, configure: withMinInterval})
		tb.addPast()
		tb.start()
		tb.scrape()
		tb.wantAll("before")
		first, second := tb.sources[0], tb.sources[1] // the second has several pages
		first.SetKey("in-between")
		second.SetKey(first.secrets[0])
		first.SetKey(second.secrets[0])
		mend := tb.api.Inject(apitest.Status(403, "not yet"), tb.mine(), apitest.Page(2))
		tb.live()
		for range 2 {
			tb.clock.advance(hold / 4)
			tb.scrape() // fails where a series comes twice
		}
		mend()
		first.Project, second.Project = second.Project, first.Project
		for range 2 {
			tb.live()
			tb.scrape()
		}
		tb.wantAll("after")
	})
}

// Of two keys of one project the first serves it, even where it reads it only
// after the second has.
func TestRefresh_KeysOfOneProject(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, keys: 2})
		first, second := tb.sources[0], tb.sources[1]
		second.SetKey("of-no-file")
		first.AddKey(second.secrets[0])
		first.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now()})
		tb.start()
		mend := tb.api.Inject(apitest.Status(403, "not yet"), apitest.Key(first.secrets[0]))
		tb.scrape()
		tb.wantSample("empirical_up", labels{"key": second.key}, 1)
		if tb.wantSample("empirical_up", labels{"key": first.key}, 0); !tb.exporter.Ready() {
			t.Error("not ready though both first refreshes have ended")
		}
		mend()
		release := make(chan struct{})
		tb.api.OnRequest(func(r apitest.Request) {
			if r.Key == first.secrets[0] {
				<-release
			}
		})
		tb.scrapeWithin(50 * time.Millisecond)
		tb.await("the second key's refresh", func() bool {
			tb.collect()
			return tb.shown.with("empirical_exporter_refreshes_total", labels{"key": second.key}).sum() == 2
		})
		tb.wantSample("empirical_up", labels{"key": second.key}, 1)
		close(release)
		for range 2 {
			tb.scrape()
			tb.wantSample("empirical_up", labels{"key": first.key}, 1)
			tb.wantSample("empirical_up", labels{"key": second.key}, 0)
			tb.wantSample("empirical_runs", labels{"branch": "main", "state": "ended"}, 1)
		}
		tb.wantSample("empirical_exporter_refresh_failures_total", labels{"key": second.key, "reason": "duplicate_project"}, 2)
	})
}

// A snapshot that was read in the future was read before the clock was set
// back, nobody knows how long ago.
func TestRefresh_ClockIsSetBack(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.addRun(1, "main", "ended")
	tb.clock.advance(day)
	tb.start()
	tb.refresh()
	tb.inject(apitest.Status(401, "no"))
	tb.failing = true
	tb.clock.advance(-tb.config.MaxStaleness)
	tb.scrape()
	tb.wantAll("set back but a little")
	tb.clock.advance(-time.Hour)
	tb.scrape()
	if shown := tb.shown.runGauges(); len(shown) != 0 {
		t.Errorf("%d run gauges of a snapshot whose age nobody knows, want none", len(shown))
	}
	tb.wantSample("empirical_up", nil, 0)
}

// Runs of the same instant may come in any order, which is no reason to read the
// list to its end.
func TestRefresh_SameInstant(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		runs := endedRuns(1_000, tb.clock.Now(), time.Minute)
		for i := range runs {
			runs[i].CreatedAt = tb.clock.Now().Add(-time.Hour)
		}
		tb.project.AddAll(runs)
		tb.start()
		tb.scrape()
		tb.inject(apitest.Shuffled())
		tb.wantRequests("shuffled", requests{byItem: 1, byList: 8})
	})
}

// A held run whose created_at moves out of what can be trusted is not to be
// trusted as it was held, either, nor looked up for ever.
func TestRefresh_CreatedAtMovesAhead(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.addRun(1, "main", "ended")
		tb.addRun(2, "main", "started")
		tb.addRun(3, "main", "ended")
		tb.start()
		tb.scrape()
		tb.project.Update(2, func(r *apitest.Run) { r.CreatedAt = tb.clock.Now().Add(2 * day) })
		tb.scrape()
		tb.wantAll("an active run has moved ahead")
		tb.wantRequests("again", requests{byItem: 1, byList: 8})
	})
}
