package collector_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

var update = flag.Bool("update", false, "write the golden expositions anew")

// handMade names the project and fills it with one run of each kind.
func handMade(tb *testbed) {
	tb.project.SetSlug("checkout")
	tb.project.SetName("Project checkout")
	tb.project.SetRepoName("checkout-tests")
	now := tb.clock.Now()
	add := func(r apitest.Run, branch, environment string, ago time.Duration) {
		r.Branch, r.EnvironmentSlug, r.CreatedAt = new(branch), new(environment), now.Add(-ago)
		if waits := []string{"pending", "queued"}; tb.seconds && !slices.Contains(waits, r.State) {
			r.StartedAt = r.CreatedAt.Add(20 * time.Second)
		}
		tb.project.Add(r)
	}
	ended := func(total, passed, failed, flaky, skipped int64, took time.Duration) apitest.Run {
		return apitest.Run{
			State: "ended", TotalCount: new(total), SuccessCount: new(passed), FailedCount: new(failed),
			FlakyCount: new(flaky), SkippedCount: new(skipped), Duration: tb.took(took),
			BuildBranch: new("release/7"), Commit: new("5f2c9e1"),
		}
	}
	add(ended(50, 48, 0, 1, 2, 10*time.Minute), "main", "production", 3*day)
	add(ended(50, 45, 5, 0, 0, 754321*time.Millisecond), "main", "production", 26*time.Hour)
	snoozed := ended(50, 47, 3, 2, 0, 11*time.Minute)
	snoozed.FailedCountAfterSnoozing = new(int64(0))
	add(snoozed, "main", "production", 5*time.Hour)
	add(apitest.Run{State: "error", ErrorCode: new("merge_conflict"), Commit: new("77aa00")}, "main", "production", 4*time.Hour)
	add(apitest.Run{State: "error"}, "main", "production", 3*time.Hour+1234*time.Millisecond)
	add(apitest.Run{State: "cancelled"}, "main", "production", 2*time.Hour)
	add(apitest.Run{State: "started", TotalCount: new(int64(50)), SuccessCount: new(int64(9))}, "main", "production", 9*time.Minute)
	add(apitest.Run{State: "queued"}, "main", "production", time.Minute)
	add(apitest.Run{State: "ended"}, "main", "", 20*time.Hour) // null counts
	add(apitest.Run{State: "pending"}, "feat/\"quoted\"", "staging", 2*time.Minute)
	add(ended(4, 4, 0, 0, 0, time.Minute), "gone", "staging", 8*day)
}

// scrapeTwice lets the hold pass, and a run end that the exporter counts: what is
// shown next has counters above 0.
func scrapeTwice(tb *testbed) {
	tb.quiet = true
	tb.start()
	tb.scrape()
	tb.clock.advance(3 * time.Minute)
	tb.endRun(7, 2)
	tb.scrape()
}

// unsteady are the families that no two scrapes show alike.
var unsteady = []string{"empirical_exporter_last_refresh_duration_seconds", "empirical_exporter_api_request_duration_seconds"}

// exemplarTime is the machine's: the library stamps exemplars itself.
var exemplarTime = regexp.MustCompile(`(# \{run_id="\d+"\} \S+) \S+`)

// body returns what a scraper gets that accepts a format.
func (tb *testbed) body(accept string) string {
	tb.Helper()
	steady := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := tb.registry.Gather()
		return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return slices.Contains(unsteady, f.GetName()) }), err
	})
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	promhttp.HandlerFor(steady, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		tb.Fatalf("status %d: %s", response.Code, response.Body)
	}
	return exemplarTime.ReplaceAllString(response.Body.String(), "$1")
}

func TestExposition_Golden(t *testing.T) {
	t.Parallel()
	for items, byList := range map[string]bool{"with_state": false, "without_state": true} {
		for format, accept := range map[string]string{"text": "text/plain;version=0.0.4", "openmetrics": "application/openmetrics-text;version=1.0.0"} {
			t.Run(items+"_"+format, func(t *testing.T) {
				t.Parallel()
				// With state, items are as live ones were seen.
				tb := newTestbed(t, setup{byList: byList, seconds: !byList})
				handMade(tb)
				scrapeTwice(tb)
				compareGolden(t, filepath.Join("testdata", items+"_"+format+".prom"), tb.body(accept))
			})
		}
	}
}

// Two projects have a team each, one has none.
func TestExposition_Teams(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{keys: 3, seconds: true})
	tb.sources[0].settings.Team, tb.sources[2].settings.Team = "payments", "web \"shop\""
	handMade(tb)
	for _, s := range []*source{tb.sources[0], tb.sources[2]} {
		s.Add(apitest.Run{
			State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now().Add(-time.Hour), TotalCount: new(int64(3)),
			SuccessCount: new(int64(3)), Duration: tb.took(10 * time.Minute),
		})
	}
	scrapeTwice(tb)
	tb.wantAll("with teams")
	compareGolden(t, filepath.Join("testdata", "teams_text.prom"), tb.body("text/plain;version=0.0.4"))
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("differs from %s in line %d; see what changed, and -update if it is right\ngot  %q\nwant %q",
				path, i+1, lineAt(g, i), lineAt(w, i))
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "the end"
}

func TestExposition_SameAfterRestart(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		handMade(tb)
		scrapeTwice(tb)
		tb.collect()
		before := tb.shown.runGauges()
		tb.clock.advance(time.Minute)
		old := tb.registry
		tb.start()
		tb.scrape()
		tb.wantAll("another exporter, started later")
		after := tb.shown.runGauges()
		beside, err := gather(old)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := diff(after, beside.runGauges()); wrong != "" || len(after) == 0 {
			t.Errorf("%d series; the later exporter (got) and the first (want) differ:\n%s", len(after), wrong)
		}
		if wrong := diff(after, before); wrong != "" {
			t.Errorf("after a restart:\n%s", wrong)
		}
	})
}
