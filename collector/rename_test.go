package collector_test

import (
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A renamed branch or environment must not leave its old name behind with those
// of its runs that no warm refresh reads.
func TestRename(t *testing.T) {
	t.Parallel()
	rename := map[string]func(*apitest.Run){
		"environment": func(r *apitest.Run) { r.EnvironmentSlug = new("stage") },
		"branch":      func(r *apitest.Run) { r.Branch = new("trunk") },
	}
	for what, change := range rename {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, byList bool) {
				tb := newTestbed(t, setup{byList: byList})
				runs := endedRuns(130, tb.clock.Now(), time.Minute)
				for i := range runs { // the newest hundred passed, those before failed
					runs[i].Branch, runs[i].FailedCount = new("main"), new(int64(0))
					if i < 30 {
						runs[i].FailedCount = new(int64(1))
					}
				}
				tb.project.AddAll(runs)
				tb.start()
				tb.scrape()
				tb.wantSample("empirical_failing_streak_runs", nil, 0)
				tb.updateAll(change)
				tb.scrape()
				tb.wantAll("renamed")
				tb.wantSample("empirical_failing_streak_runs", nil, 0) // of the one group there is
				tb.wantRequests("again", requests{byItem: 1, byList: 8})
			})
		})
	}
}

// A run that finishes while its branch is renamed is counted, once, under its
// new name.
func TestRename_Counts(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, 0)
		tb.scrape()
		tb.endRun(2, 1)
		tb.updateAll(func(r *apitest.Run) { r.Branch = new("new") })
		for range 3 {
			tb.scrape()
		}
		tb.wantAll("renamed")
		tb.wantSample("empirical_tests_total", labels{"branch": "new"}, 10)
		tb.wantNoSample("empirical_tests_total", onMain)
	})
}

func TestRename_ManyRuns(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(10_000, tb.clock.Now(), time.Minute))
		tb.start()
		tb.scrape()
		tb.updateAll(func(r *apitest.Run) { r.EnvironmentSlug = new("stage") })
		tb.scrape()
		tb.wantAll("renamed")
		tb.wantNoSample("empirical_runs", labels{"environment": "staging"})
	})
}

// A branch or an environment may be renamed between two pages of a resync: what
// it then shows is one name.
func TestRename_DuringResync(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(350, tb.clock.Now(), time.Minute))
		tb.start()
		tb.scrape()
		tb.clock.advance(tb.config.ResyncInterval)
		tb.api.ResetRequests()
		warm := requests{byItem: 1, byList: 8}.of(byList)
		var once sync.Once
		tb.api.OnResponse(func(apitest.Request) {
			if tb.api.CountRequests() < warm+3 {
				return
			}
			once.Do(func() { // in the middle of the resync, which reads page after page
				tb.updateAll(func(r *apitest.Run) { r.EnvironmentSlug = new("stage") })
			})
		})
		tb.refresh()
		tb.awaitResync()
		tb.collect()
		tb.wantNoSample("empirical_runs", labels{"environment": "staging"})
		tb.wantSample("empirical_exporter_runs", labels{"key": testedKey}, 350)
	})
}
