package collector_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const hold = 2 * time.Minute

// withHold changes how long new groups are shown at 0.
func withHold(d time.Duration) func(*collector.Config) {
	return func(c *collector.Config) { c.ZeroHold = d }
}

// countingTestbed is a project with two branches, one run each that ended
// before the exporter started, 1 and 11, and one that is active, 2 and 12.
func countingTestbed(t *testing.T, byList bool, zeroHold time.Duration) *testbed {
	t.Helper()
	tb := newTestbed(t, setup{byList: byList, configure: withHold(zeroHold)})
	for i, branch := range []string{"main", "feat"} {
		tb.addRun(int64(10*i+1), branch, "queued")
		tb.endRun(int64(10*i+1), 1)
		tb.addRun(int64(10*i+2), branch, "started")
	}
	tb.start()
	return tb
}

var onMain = labels{"branch": "main"}

func TestCounters_OnceAfterHold(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, hold)
		tb.scrape()
		tb.endRun(2, 3)
		tb.clock.advance(hold - time.Second)
		tb.scrape()
		tb.scrape()
		tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": "failed"}, 0)
		tb.wantSample("empirical_run_duration_seconds_count", onMain, 0)

		tb.clock.advance(time.Second)
		for range 3 {
			tb.scrape()
		}
		tb.clock.advance(tb.config.ResyncInterval)
		tb.wantAllSoon("after a resync")
		for outcome, want := range map[string]float64{"passed": 0, "failed": 1, "error": 0, "cancelled": 0} {
			tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": outcome}, want)
		}
		tb.wantSample("empirical_tests_total", onMain, 10)
		tb.wantSample("empirical_passed_tests_total", onMain, 7)
		tb.wantSample("empirical_failed_tests_total", onMain, 3)
		tb.wantSample("empirical_flaky_tests_total", onMain, 2)
		tb.wantSample("empirical_skipped_tests_total", onMain, 0)
		tb.wantSample("empirical_run_duration_seconds_count", onMain, 1)
		tb.wantSample("empirical_run_duration_seconds_sum", onMain, 90)
		tb.wantSample("empirical_tests_total", labels{"branch": "feat"}, 0)

		tb.project.Delete(2) // what counted stays counted
		tb.clock.advance(tb.config.ResyncInterval)
		tb.wantAllSoon("after another resync")
		tb.wantSample("empirical_tests_total", onMain, 10)
	})
}

func TestCounters_ErrorsAndCancellations(t *testing.T) {
	t.Parallel()
	tb := countingTestbed(t, false, 0)
	tb.scrape()
	tb.project.Update(2, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("merge_conflict") })
	tb.project.Update(12, func(r *apitest.Run) { r.State = "cancelled" })
	tb.addRun(13, "feat", "error") // never seen active, and without a code
	tb.scrape()
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": "error"}, 1)
	tb.wantSample("empirical_run_errors_total", labels{"branch": "main", "error_code": "merge_conflict"}, 1)
	tb.wantSample("empirical_run_errors_total", labels{"branch": "main", "error_code": "run_failed_with_error"}, 0)
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "feat", "outcome": "cancelled"}, 1)
	tb.wantSample("empirical_run_errors_total", labels{"branch": "feat", "error_code": "unknown"}, 1)
	tb.wantSample("empirical_tests_total", labels{"branch": "feat"}, 0)

	// An undocumented code is shown at 0 first, as a new group is.
	tb.addRun(3, "main", "started")
	tb.scrape()
	tb.project.Update(3, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("out_of_disk") })
	tb.scrape()
	tb.wantSample("empirical_run_errors_total", labels{"error_code": "out_of_disk"}, 0)
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": "error"}, 2)
	tb.collect()
	tb.wantSample("empirical_run_errors_total", labels{"error_code": "out_of_disk"}, 1)
}

// A code that is held back as one of too many may be let in before it counts.
func TestCounters_CodeLetInLater(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.ResyncInterval = day }})
	leaving := tb.clock.Now().Add(time.Minute - tb.config.Lookback)
	for i := range 40 { // as many codes as there may be, each of them twice
		tb.project.Add(apitest.Run{State: "error", Branch: new("old"), ErrorCode: new(fmt.Sprintf("code_%d", i/2)), CreatedAt: leaving})
	}
	tb.addRun(100, "main", "started")
	tb.start()
	tb.scrape()
	tb.project.Update(100, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("late_code") })
	tb.clock.advance(30 * time.Second)
	tb.scrape()
	for range 5 {
		tb.clock.advance(time.Minute)
		tb.scrape()
	}
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "main", "outcome": "error"}, 1)
	tb.wantSample("empirical_run_errors_total", labels{"branch": "main", "error_code": "late_code"}, 1)
}

// A code that is pushed out by more frequent ones before it counts is counted
// as unknown.
func TestCounters_CodePushedOut(t *testing.T) {
	t.Parallel()
	tb := countingTestbed(t, false, hold)
	tb.scrape()
	tb.clock.advance(hold)
	tb.project.Update(2, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("rare_code") })
	tb.scrape()
	tb.wantSample("empirical_run_errors_total", labels{"branch": "main", "error_code": "rare_code"}, 0)

	for i := range 40 { // as many codes as there may be, each of them twice
		tb.project.Add(apitest.Run{State: "error", Branch: new("feat"), ErrorCode: new(fmt.Sprintf("code_%d", i/2)), CreatedAt: tb.clock.Now()})
	}
	tb.scrape()
	tb.wantSample("empirical_run_errors_total", labels{"branch": "main", "error_code": "unknown"}, 1)
	tb.wantNoSample("empirical_run_errors_total", labels{"error_code": "rare_code"})
}

// Without a hold a new group is still shown at 0 by one scrape.
func TestCounters_NoHold(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, 0)
		tb.scrape()
		tb.addRun(20, "new", "started")
		tb.endRun(20, 1)
		tb.scrape()
		tb.wantSample("empirical_finished_runs_total", labels{"branch": "new", "outcome": "failed"}, 0)
		tb.collect()
		tb.wantSample("empirical_finished_runs_total", labels{"branch": "new", "outcome": "failed"}, 1)
	})
}

// The hold begins with the first scrape that shows the group, not with its first run.
func TestCounters_HoldBeginsAtScrape(t *testing.T) {
	t.Parallel()
	tb := countingTestbed(t, false, hold)
	passed := labels{"branch": "main", "outcome": "passed"}
	tb.refresh()
	tb.endRun(2, 0)
	tb.clock.advance(10 * hold)
	tb.refresh() // nobody has scraped so far
	for range 2 {
		tb.collect()
		tb.wantSample("empirical_finished_runs_total", passed, 0)
	}
	tb.clock.advance(hold)
	tb.collect()
	tb.wantSample("empirical_finished_runs_total", passed, 1)
}

func TestCounters_GroupComesBackAtZero(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := countingTestbed(t, byList, hold)
		tb.scrape()
		tb.endRun(2, 1)
		tb.clock.advance(hold)
		tb.scrape()
		tb.wantSample("empirical_tests_total", onMain, 10)
		tb.clock.advance(9 * day)
		tb.scrape()
		tb.wantAll("after the lookback")
		tb.wantNoSample("empirical_tests_total", nil)

		without := tb.clock.Now()
		tb.clock.advance(time.Hour)
		tb.addRun(30, "main", "started")
		tb.endRun(30, 4)
		tb.scrape()
		tb.collect()
		tb.wantSample("empirical_failed_tests_total", onMain, 0)
		tb.clock.advance(hold)
		tb.collect()
		tb.wantSample("empirical_failed_tests_total", onMain, 4)
		tb.wantCreated("empirical_failed_tests_total", "main", without)
	})
}

// When folding moves a branch nothing is carried over, and what had finished
// before counts nowhere again.
func TestCounters_FoldingMovesNothing(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.MaxGroups, c.ZeroHold = 1, 0 }})
	onQuiet := labels{"branch": "quiet"}
	tb.addRun(1, "quiet", "started")
	tb.start()
	tb.scrape()
	tb.endRun(1, 1)
	tb.scrape()
	tb.wantSample("empirical_tests_total", onQuiet, 10)

	tb.addRun(2, "busy", "started")
	tb.addRun(3, "busy", "started")
	for range 3 {
		tb.scrape()
	}
	tb.wantSample("empirical_tests_total", labels{"branch": "other"}, 0)
	tb.endRun(2, 0)
	tb.scrape()
	tb.wantSample("empirical_tests_total", labels{"branch": "busy"}, 10)

	for id := int64(4); id < 7; id++ {
		tb.addRun(id, "quiet", "started")
	}
	for range 3 {
		tb.scrape()
	}
	tb.wantSample("empirical_tests_total", onQuiet, 0)
}

// Runs that are held back when their group is folded count where they then stand.
func TestCounters_FoldingMovesWhatIsHeldBack(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.MaxGroups = 1 }})
	tb.addRun(1, "small", "started")
	tb.start()
	tb.scrape()
	tb.endRun(1, 1)
	tb.clock.advance(30 * time.Second)
	tb.scrape()
	tb.wantSample("empirical_tests_total", labels{"branch": "small"}, 0)
	tb.addRun(2, "big", "started")
	tb.addRun(3, "big", "started")
	tb.scrape()
	tb.clock.advance(hold)
	tb.scrape()
	tb.wantSample("empirical_tests_total", labels{"branch": "other"}, 10)
	tb.wantSample("empirical_tests_total", labels{"branch": "big"}, 0)
}

// An error whose code is held back when its group is folded is counted where its
// run then stands.
func TestCounters_FoldingMovesHeldCodes(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.MaxGroups = 1 }})
	tb.addRun(1, "small", "started")
	tb.start()
	tb.scrape()
	tb.clock.advance(hold)
	tb.scrape()
	tb.project.Update(1, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("out_of_disk") })
	tb.scrape()
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "small", "outcome": "error"}, 1)
	tb.wantSample("empirical_run_errors_total", labels{"error_code": "out_of_disk"}, 0)
	tb.addRun(2, "big", "started")
	tb.addRun(3, "big", "started")
	tb.scrape()
	tb.wantSample("empirical_run_errors_total", labels{"branch": "other", "error_code": "out_of_disk"}, 0)
	tb.clock.advance(hold)
	tb.scrape()
	tb.wantSample("empirical_run_errors_total", labels{"branch": "other", "error_code": "out_of_disk"}, 1)
	tb.wantSample("empirical_finished_runs_total", labels{"branch": "other", "outcome": "error"}, 0)
}

// A project whose id is null now and then is the same project all the time.
func TestCounters_ProjectWithoutID(t *testing.T) {
	t.Parallel()
	tb := countingTestbed(t, false, 0)
	tb.scrape()
	tb.endRun(2, 1)
	for range 3 {
		tb.scrape()
	}
	withoutID := apitest.EditBody(func(doc map[string]any) {
		doc["data"].(map[string]any)["project"].(map[string]any)["id"] = nil
	})
	for range 2 {
		mend := tb.inject(withoutID)
		tb.scrape()
		tb.wantSample("empirical_tests_total", onMain, 10)
		mend()
		tb.scrape()
		tb.wantSample("empirical_tests_total", onMain, 10)
	}
	tb.wantSample("empirical_exporter_refresh_failures_total", labels{"reason": "response"}, 0)
}

// metric gathers one metric of a branch.
func (tb *testbed) metric(name, branch string) *dto.Metric {
	tb.Helper()
	families, err := tb.registry.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && slices.Contains(labelsOf(m), branch) {
				return m
			}
		}
	}
	tb.Fatalf("no %s of %s", name, branch)
	return nil
}

func (tb *testbed) wantCreated(name, branch string, want time.Time) {
	tb.Helper()
	m := tb.metric(name, branch)
	got := m.GetCounter().GetCreatedTimestamp().AsTime()
	if m.GetHistogram() != nil {
		got = m.GetHistogram().GetCreatedTimestamp().AsTime()
	}
	if !got.Equal(want) {
		tb.Errorf("%s of %s was created %v, want %v", name, branch, got, want)
	}
}

func TestCounters_CreatedTimestamps(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.addRun(1, "main", "started")
	tb.start()
	start := tb.clock.Now()
	tb.clock.advance(time.Minute)
	tb.scrape()
	before := tb.clock.Now() // the last snapshot without the group
	tb.clock.advance(time.Hour)
	tb.addRun(2, "new", "started")
	tb.scrape()
	for branch, want := range map[string]time.Time{"main": start, "new": before} {
		for _, name := range []string{"empirical_finished_runs_total", "empirical_tests_total", "empirical_run_errors_total", "empirical_run_duration_seconds"} {
			tb.wantCreated(name, branch, want)
		}
	}
}

// A clock that is set back leaves no created timestamp ahead of a scrape.
func TestCounters_CreatedBeforeTheScrapeWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	tb.addRun(1, "main", "started")
	tb.start()
	tb.scrape()
	tb.clock.advance(time.Hour)
	tb.addRun(2, "later", "started")
	tb.scrape()
	tb.clock.advance(time.Minute)
	tb.scrape()
	tb.skew.Store(int64(-30 * time.Minute))
	tb.addRun(3, "new", "started")
	tb.scrape()
	for _, branch := range []string{"main", "later", "new"} {
		for _, name := range []string{"empirical_tests_total", "empirical_run_duration_seconds"} {
			m := tb.metric(name, branch)
			created := m.GetCounter().GetCreatedTimestamp().AsTime()
			if m.GetHistogram() != nil {
				created = m.GetHistogram().GetCreatedTimestamp().AsTime()
			}
			if !created.Before(tb.now()) {
				t.Errorf("%s of %s was created %v, scraped %v", name, branch, created, tb.now())
			}
		}
	}
}

func TestCounters_DurationHistogram(t *testing.T) {
	t.Parallel()
	tb := countingTestbed(t, false, 0)
	tb.scrape()
	tb.endRun(2, 0) // took 90 s
	tb.scrape()
	h := tb.metric("empirical_run_duration_seconds", "main").GetHistogram()
	var bounds []float64
	for _, bucket := range h.GetBucket() {
		bounds = append(bounds, bucket.GetUpperBound())
		want, exemplar := uint64(0), bucket.GetUpperBound() == 120
		if bucket.GetUpperBound() >= 90 {
			want = 1
		}
		if got := bucket.GetCumulativeCount(); got != want {
			t.Errorf("%d runs up to %v s, want %d", got, bucket.GetUpperBound(), want)
		}
		if label := bucket.GetExemplar().GetLabel(); exemplar && (len(label) != 1 || label[0].GetName() != "run_id" || label[0].GetValue() != "2") {
			t.Errorf("exemplar %v, want run_id 2", label)
		}
	}
	if want := []float64{30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200}; !slices.Equal(bounds, want) {
		t.Errorf("classic bounds %v, want %v", bounds, want)
	}
	// Schema 3 grows by 2^(1/8), the widest growth that does not exceed 1.1.
	if h.GetSchema() != 3 || len(h.GetPositiveSpan()) == 0 {
		t.Errorf("schema %d and %d spans, want a native histogram of schema 3", h.GetSchema(), len(h.GetPositiveSpan()))
	}
}
