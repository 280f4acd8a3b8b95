package collector_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// twoProjects is a testbed with two projects and a finished run in the tested one.
func twoProjects(t *testing.T) *testbed {
	t.Helper()
	tb := newTestbed(t, setup{keys: 2, configure: withHold(0)})
	tb.sources[0].settings.Team = "payments"
	tb.addPast()
	tb.start()
	tb.scrape()
	tb.live()
	tb.scrape()
	tb.collect() // the first counts are let go
	return tb
}

// What stays goes on as it was, with other settings: nothing is read again, and
// no counter falls back.
func TestSetKeys_StayingKey(t *testing.T) {
	t.Parallel()
	tb := twoProjects(t)
	steady := []string{"empirical_finished_runs_total", "empirical_run_duration_seconds_count"}
	before := tb.shown.only(steady...)
	if before.sum() == 0 {
		t.Fatal("nothing was counted")
	}
	refreshes := tb.shown.with("empirical_exporter_refreshes_total", labels{"key": testedKey}).sum()
	tb.api.ResetRequests()

	tb.project.settings = collector.Settings{Team: "web", Branches: regexp.MustCompile("^main$"), MaxGroups: 1}
	tb.setKeys(tb.sources...)
	tb.scrape()
	tb.wantAll("with other settings")
	tb.wantBranches("feat/a", "feat/a", "main", "main", "main", "other", "other")
	tb.wantSample("empirical_up", labels{"key": testedKey, "team": "web"}, 1)
	tb.wantSample("empirical_exporter_refreshes_total", labels{"key": testedKey, "team": "web"}, refreshes+1)
	if n := tb.api.CountRequests(); n != 2 {
		t.Errorf("%d requests, want one of each project", n)
	}
	tb.project.settings = collector.Settings{}
	tb.setKeys(tb.sources...)
	tb.scrape()
	tb.wantAll("with the settings of before")
	if wrong := diff(tb.shown.only(steady...).keep(ofProject(tb.sources[0])), before.keep(ofProject(tb.sources[0]))); wrong != "" {
		t.Errorf("the counters of the project whose settings stayed:\n%s", wrong)
	}
	tb.wantSample("empirical_finished_runs_total", labels{"project": tb.project.Slug(), "branch": "main", "environment": "production", "outcome": "failed"}, 1)
}

func ofProject(s *source) func(string) bool {
	return func(series string) bool { return has(series, labels{"project": s.Slug()}) }
}

// A key that goes takes its series with it, and what it was about to read.
func TestSetKeys_GoneKey(t *testing.T) {
	t.Parallel()
	tb := twoProjects(t)
	gone := tb.project
	tb.inject(apitest.HangBeforeHeaders())
	tb.scrapeWithin(50 * time.Millisecond)
	tb.log.take()
	tb.setKeys(tb.sources[0])
	tb.await("the end of the request", func() bool {
		_, others := tb.log.take()
		return strings.Contains(strings.Join(others, "\n"), "refresh ended")
	})
	tb.scrape()
	tb.wantAll("without the key")
	for series := range tb.shown {
		if strings.Contains(series, gone.key) || strings.Contains(series, gone.Slug()) {
			t.Errorf("%s is shown", series)
		}
	}
	if bad, _ := tb.log.take(); len(bad) != 0 {
		t.Errorf("logged %q", bad)
	}
}

// A new key is read at once. Its series were not there before: they count since
// before the scrape that shows them.
func TestSetKeys_NewKey(t *testing.T) {
	t.Parallel()
	tb := twoProjects(t)
	all := tb.sources
	tb.setKeys(all[0])
	tb.scrape()
	before := tb.now()
	tb.clock.advance(time.Minute)
	tb.api.ResetRequests()
	tb.setKeys(all...)
	tb.await("the first request", func() bool { return tb.api.CountRequests() > 0 })
	tb.scrape()
	tb.wantAll("with the key again")
	tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
	tb.wantSample("empirical_exporter_refreshes_total", labels{"key": all[0].key}, 4)
	families, err := tb.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			created := m.GetCounter().GetCreatedTimestamp()
			if series := strings.Join(labelsOf(m), " "); created != nil && strings.Contains(series, testedKey) && created.AsTime().After(before) {
				t.Errorf("%s %s counts since %s, want %s, the scrape before", family.GetName(), series, created.AsTime(), before)
			}
		}
	}
}

// Another client reads from now on, and what was read before stays.
func TestSetKeys_AnotherClient(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.MinInterval = time.Hour }})
	tb.addPast()
	tb.start()
	tb.scrape()
	tb.live()
	tb.api.ResetRequests()
	tb.project.client = tb.newClient(tb.project)
	tb.setKeys(tb.project)
	tb.scrape()
	tb.wantAll("by another client")
	for _, r := range tb.api.Requests() {
		if r.Query.Get("page") == "2" {
			t.Error("the whole lookback was read again")
		}
	}
}

// The order of the keys decides who shows a project.
func TestSetKeys_OrderIsPrecedence(t *testing.T) {
	t.Parallel()
	tb, first, second := twoKeysOfOneProject(t, false)
	wantUp := func(ofFirst, ofSecond float64) {
		t.Helper()
		tb.scrape()
		tb.clock.advance(time.Second)
		tb.scrape()
		tb.wantSample("empirical_up", labels{"key": first.key}, ofFirst)
		tb.wantSample("empirical_up", labels{"key": second.key}, ofSecond)
	}
	wantUp(1, 0)
	tb.setKeys(second, first)
	wantUp(0, 1)
	tb.setKeys(first)
	tb.scrape()
	tb.wantSample("empirical_up", labels{"key": first.key}, 1)
}

// A key that appears later takes no exporter out of service; one that appears
// before the exporter is ready is waited for.
func TestSetKeys_Ready(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{keys: 3})
	all := tb.sources
	release := make(chan struct{})
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Project != all[0].Slug() {
			<-release
		}
	})
	tb.sources = all[:2]
	tb.start()
	all[2].client = tb.newClient(all[2])
	tb.scrapeWithin(50 * time.Millisecond)
	tb.await("the first key's project", func() bool { return tb.exporter.Status()[0].Project.Slug != "" })
	tb.setKeys(all[0], all[2])
	if tb.exporter.Ready() {
		t.Error("ready before the first refresh of a key that appeared at the start")
	}
	tb.setKeys(all[0]) // which has been read, so that the exporter is ready, though nobody asks
	tb.setKeys(all...)
	if !tb.exporter.Ready() {
		t.Error("a key that appeared later took the exporter out of service")
	}
	close(release)
}

// Keys come and go while scrapes are under way.
func TestSetKeys_DuringScrapes(t *testing.T) {
	t.Parallel()
	tb := twoProjects(t)
	ctx, stop := context.WithCancel(t.Context())
	var scrapers sync.WaitGroup
	for range 4 {
		scrapers.Go(func() {
			for ctx.Err() == nil {
				tb.exporter.Refresh(ctx)
				tb.gather()
			}
		})
	}
	all := tb.sources
	for range 20 {
		tb.exporter.SetKeys(tb.keys(all[0]))
		tb.exporter.SetKeys(tb.keys(all[1], all[0]))
	}
	stop()
	scrapers.Wait()
	tb.setKeys(all...)
	tb.scrape()
	tb.wantAll("afterwards")
}

func TestSetReload(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.start()
	tb.scrape()
	tb.wantNoSample("empirical_exporter_config_last_reload_successful", nil)
	at := tb.now()
	tb.exporter.SetReload(collector.Reload{OK: true, Succeeded: at})
	tb.collect()
	tb.wantSample("empirical_exporter_config_last_reload_successful", nil, 1)
	tb.wantSample("empirical_exporter_config_last_reload_success_timestamp_seconds", nil, float64(at.Unix()))
	tb.exporter.SetReload(collector.Reload{Succeeded: at})
	tb.collect()
	tb.wantSample("empirical_exporter_config_last_reload_successful", nil, 0)
	tb.wantSample("empirical_exporter_config_last_reload_success_timestamp_seconds", nil, float64(at.Unix()))
}
