package collector_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// withTests has the tests be read, as by default.
func withTests(c *collector.Config) { c.Tests = collector.DefaultConfig().Tests }

// runsWithTests adds runs of ten tests, two of which failed and one was flaky.
func runsWithTests(tb *testbed, s *source) {
	for i := range 5 {
		s.Add(apitest.Run{
			State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now().Add(-time.Duration(i+1) * time.Hour),
			SuccessCount: new(int64(8)), FailedCount: new(int64(2)), FlakyCount: new(int64(1)), TotalCount: new(int64(10)),
		})
	}
}

// scrapeTests scrapes until the tests of all keys that are up were read at this
// moment: they are read beside the refresh.
func (tb *testbed) scrapeTests() {
	tb.Helper()
	tb.await("a reading of the tests", func() bool {
		tb.scrape() // an earlier reading may have been under way
		for _, s := range tb.sources {
			up := tb.shown.with("empirical_up", labels{"key": s.key}).sum() == 1
			read := tb.shown.with("empirical_exporter_test_cases_timestamp_seconds", labels{"key": s.key}).sum()
			if up && read != float64(tb.now().Unix()) {
				return false
			}
		}
		return true
	})
}

// testMetrics returns the metrics of tests, without those of the exporter itself.
func (tb *testbed) testMetrics() exposition {
	return tb.shown.only("empirical_test_case_runs", "empirical_test_case_last_run_timestamp_seconds", "empirical_test_cases")
}

func (tb *testbed) testRequests() int {
	return len(slices.DeleteFunc(tb.api.Requests(), func(r apitest.Request) bool { return r.Path != "/api/v2/analytics/test-cases" }))
}

func TestTestCases_Golden(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) {
		withTests(c)
		c.Tests.Top = 4
		c.Tests.Window.Name = "168h"
	}})
	tb.project.settings.Team = "web"
	tb.project.SetSlug("checkout")
	tb.project.SetTests(
		apitest.Test{ID: "0a1b2c3d4e5f60718293-a4b5c6d7e8f901234567", Name: "pays", FilePath: "card.spec.ts", PlaywrightProject: "chromium"},
		apitest.Test{ID: "0a1b2c3d4e5f60718293-000000000000000000ff", Name: "pays", FilePath: "bank.spec.ts", PlaywrightProject: "firefox"},
		apitest.Test{Name: "says \"hi\"\nand \\ more", FilePath: "a b/ünï.spec.ts", PlaywrightProject: ""},
		apitest.Test{Name: strings.Repeat("long ", 60), FilePath: strings.Repeat("dir/", 70) + "x.spec.ts", PlaywrightProject: "webkit"})
	for i := range 5 {
		tb.project.Add(apitest.Run{
			State: "ended", CreatedAt: tb.clock.Now().Add(-time.Duration(i+1) * time.Hour),
			SuccessCount: new(int64(8)), FailedCount: new(int64(i)), FlakyCount: new(int64(1)),
		})
	}
	tb.start()
	tb.scrapeTests()
	var lines []string
	for line := range strings.Lines(tb.body("text/plain;version=0.0.4")) {
		if strings.Contains(line, "test_case") {
			lines = append(lines, line)
		}
	}
	compareGolden(t, filepath.Join("testdata", "tests_text.prom"), strings.Join(lines, ""))
}

// At most two requests an interval, and the same series all the while.
func TestTestCases_EachInterval(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: withTests})
	runsWithTests(tb, tb.project)
	tb.start()
	tb.collect()
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, 0)
	tb.wantNoSample("empirical_exporter_test_cases_timestamp_seconds", nil)
	tb.scrapeTests()
	before := tb.testMetrics()
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, 1)
	tb.wantSample("empirical_test_cases", labels{"project": tb.project.Slug()}, 10)
	for range 7 {
		tb.clock.advance(2 * time.Minute)
		tb.scrape()
	}
	if n := tb.testRequests(); n != 2 {
		t.Errorf("%d requests in one interval, want 2", n)
	}
	if wrong := diff(tb.testMetrics(), before); wrong != "" || len(before) < 8 {
		t.Errorf("%d series, then %s", len(before), wrong)
	}
	tb.clock.advance(time.Minute)
	tb.scrapeTests()
	if n := tb.testRequests(); n != 4 {
		t.Errorf("%d requests in two intervals, want 4", n)
	}
}

func TestTestCases_Off(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) {
		withTests(c)
		c.Tests.Top = 0
	}})
	runsWithTests(tb, tb.project)
	tb.start()
	tb.scrape()
	tb.exporter.Close()
	tb.collect()
	if n := tb.testRequests(); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
	for series := range tb.shown {
		if strings.Contains(series, "test_case") {
			t.Errorf("shown: %s", series)
		}
	}
}

// However long the tests do not answer, the runs are read and shown, even where
// one request at a time is allowed, and the exporter ends at once.
func TestTestCases_Hang(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []int{1, 8} {
		t.Run(fmt.Sprintf("%d at once", atOnce), func(t *testing.T) {
			t.Parallel()
			tb := newTestbed(t, setup{configure: withTests, timeout: time.Minute, atOnce: atOnce})
			tb.addPast()
			tb.inject(apitest.HangBeforeHeaders(), apitest.TestCases())
			tb.start()
			tb.scrape()
			tb.await("the request", func() bool { return tb.testRequests() == 1 })
			for range 3 {
				tb.clock.advance(tb.config.Tests.Interval)
				tb.live()
				tb.scrape()
				tb.wantAll("beside tests that hang")
			}
			tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
			tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, 0)
			if n := tb.testRequests(); n != 1 && atOnce > 1 { // else it gave way, and was sent again
				t.Errorf("%d requests while the first one hangs, want no more", n)
			}
			began := time.Now()
			tb.exporter.Close()
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("closing took %s", took)
			}
			if bad, _ := tb.log.take(); len(bad) != 0 {
				t.Errorf("logged %q", bad)
			}
		})
	}
}

// Tests are read and shown where the key shows its project, and nowhere else.
func TestTestCases_OfTheOwner(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{keys: 2, configure: withTests})
	first, second := tb.sources[0], tb.sources[1]
	second.SetKey("of-no-file")
	first.AddKey(second.secrets[0])
	runsWithTests(tb, first)
	release := make(chan struct{})
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Key == second.secrets[0] {
			<-release
		}
	})
	tb.start()
	tb.scrapeWithin(50 * time.Millisecond)
	tb.await("the first key's project", func() bool { return tb.exporter.Status()[0].Project.Slug != "" })
	close(release)
	tb.scrapeTests()
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": first.key}, 1)
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": second.key}, 0)
	tb.wantSample("empirical_test_cases", labels{"project": first.Slug()}, 10)
	if n := tb.testRequests(); n != 2 {
		t.Errorf("%d requests for the tests of one project, want 2", n)
	}
	// Both keys fail, and with the runs the tests go.
	tb.api.Inject(apitest.Status(401, "disabled"), apitest.Runs())
	tb.clock.advance(tb.config.MaxStaleness + time.Second)
	tb.scrape()
	if left := tb.testMetrics(); len(left) != 0 {
		t.Errorf("shown of a project whose runs are stale: %v", left)
	}
	tb.clock.advance(tb.config.Tests.Interval)
	tb.api.ResetRequests()
	tb.scrape()
	tb.exporter.Close()
	if n := tb.testRequests(); n != 0 {
		t.Errorf("%d requests for tests of a key whose runs cannot be read", n)
	}
}

// The tests of one project never stand under the name of another.
func TestTestCases_OfTheProject(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: withTests})
	runsWithTests(tb, tb.project)
	tb.start()
	tb.scrapeTests()
	mend := tb.api.Inject(apitest.HangBeforeHeaders(), apitest.TestCases())
	tb.project.SetSlug("renamed")
	tb.clock.advance(time.Minute)
	tb.scrape()
	if left := tb.testMetrics(); len(left) != 0 {
		t.Errorf("shown of the renamed project: %v", left)
	}
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, 0)
	mend()
	tb.exporter.Close()
	tb.start()
	tb.scrapeTests()
	tb.wantSample("empirical_test_cases", labels{"project": "renamed"}, 10)
}

// A project that goes from one key to another, and back, has its tests once all
// the while.
func TestTestCases_HandedOver(t *testing.T) {
	t.Parallel()
	tb, first, second := twoKeysOfOneProject(t, false)
	tb.config.Tests = collector.DefaultConfig().Tests
	runsWithTests(tb, first)
	mend := tb.api.Inject(apitest.Status(401, "disabled"), apitest.Key(first.secrets[0]))
	tb.start()
	tb.scrapeTests()
	wantUp := func(ofFirst, ofSecond float64) {
		t.Helper()
		tb.wantSample("empirical_exporter_test_cases_up", labels{"key": first.key}, ofFirst)
		tb.wantSample("empirical_exporter_test_cases_up", labels{"key": second.key}, ofSecond)
		tb.wantSample("empirical_test_cases", labels{"project": first.Slug()}, 10)
	}
	wantUp(0, 1)
	mend()
	tb.scrape()
	tb.clock.advance(time.Second)
	tb.await("the tests of the first key", func() bool {
		tb.scrape()
		return len(tb.testMetrics()) > 0 && tb.shown.with("empirical_exporter_test_cases_up", labels{"key": first.key}).sum() == 1
	})
	wantUp(1, 0)
}
