package collector_test

import (
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) {
		c.Branches, c.MaxGroups = regexp.MustCompile("^(?:main|a|b|other)$"), 2
	}})
	for i, branch := range []string{"main", "main", "a", "b", "b", "c", "other"} {
		tb.project.Add(apitest.Run{
			ID: int64(i + 1), State: "ended", Branch: new(branch), EnvironmentSlug: new("live"), Duration: new(int64(600_000)),
			CreatedAt: tb.clock.Now().Add(-time.Hour), TotalCount: new(int64(1)), SuccessCount: new(int64(1)),
		})
	}
	tb.start()
	tb.scrape()
	looks := 0
	tb.exporter.Inspect(func(in *collector.Inspection) {
		looks++
		if in.Err != nil || in.Runs != 7 || in.Groups != 3 || in.Project.Slug != tb.project.Slug() {
			t.Errorf("%v; %d runs, want 7; %d groups, want 3, the folded one included; project %s", in.Err, in.Runs, in.Groups, in.Project.Slug)
		}
		if diff := cmp.Diff([]history.GroupKey{{Branch: "c", Environment: "live"}, {Branch: "other", Environment: "live"}}, in.Excluded); diff != "" {
			t.Errorf("left out by the expression (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]history.GroupKey{{Branch: "a", Environment: "live"}}, in.Overflow); diff != "" {
			t.Errorf("beyond the limit (-want +got):\n%s", diff)
		}
		if want := (history.Evidence{Milliseconds: 7, Durations: 7, Long: 7}); in.Evidence != want || in.Median != 600_000 {
			t.Errorf("evidence %+v, want %+v; median %v", in.Evidence, want, in.Median)
		}
		held := 0
		for range in.Held() {
			held++
		}
		if held != 7 {
			t.Errorf("%d runs are held", held)
		}
	})
	if looks != 1 {
		t.Errorf("%d looks for one key", looks)
	}
}

// An observer sees each request and each page under the name of its key, and the
// requests are counted as without one.
func TestObserver(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, keys: 2})
		for _, source := range tb.sources {
			source.Add(apitest.Run{State: "ended", CreatedAt: tb.clock.Now().Add(-time.Hour)})
		}
		var mu sync.Mutex
		attempts, pages, items := map[string]int{}, map[string]int{}, map[string]int{}
		tb.observer = &collector.Observer{
			Attempt: func(key string, _ apiclient.Attempt) {
				mu.Lock()
				defer mu.Unlock()
				attempts[key]++
			},
			Page: func(key string, page apiclient.ObservedPage) {
				mu.Lock()
				defer mu.Unlock()
				pages[key]++
				items[key] += len(page.Items)
			},
		}
		tb.start()
		tb.scrape()
		tb.wantAll("observed")
		for _, source := range tb.sources {
			seen := 0
			for _, request := range tb.api.Requests() {
				if request.Project == source.Slug() {
					seen++
				}
			}
			if attempts[source.key] != seen || pages[source.key] != seen || items[source.key] == 0 {
				t.Errorf("key %s: %d attempts, %d pages, %d items; the API had %d requests", source.key, attempts[source.key], pages[source.key], items[source.key], seen)
			}
			tb.wantSample("empirical_exporter_api_requests_total", labels{"key": source.key, "code": "200"}, float64(seen))
		}
	})
}
