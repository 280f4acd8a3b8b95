package collector_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// counted asserts a counter, or the count of the histogram.
func (s *stage) counted(want float64, when string, parts ...string) {
	s.t.Helper()
	_, others := s.gather()
	if got, err := others.value(parts...); err != nil || got != want {
		s.t.Errorf("%s: %q is %v, want %v (%v)", when, parts, got, want, err)
	}
}

func (s *stage) addRun(id int64, branch, state string) {
	s.project.Add(apitest.Run{ID: id, State: state, Branch: new(branch), EnvironmentSlug: new("staging"), CreatedAt: s.clock.Now()})
}

func (s *stage) endRun(id int64, failed int64) {
	s.project.Update(id, func(r *apitest.Run) {
		r.State, r.Duration = "ended", new(int64(90_000))
		r.TotalCount, r.SuccessCount, r.FailedCount = new(int64(10)), new(10-failed), new(failed)
		r.FlakyCount, r.SkippedCount = new(int64(2)), nil
	})
}

const hold = 2 * time.Minute

// scrapeOnce refreshes and gathers; counted is another scrape.
func (s *stage) scrapeOnce() {
	s.t.Helper()
	s.refresh()
	s.gather()
}

// counting is a project with two branches, one run each that ended before the
// exporter started, and one that is active.
func counting(t *testing.T, stateless bool, zeroHold time.Duration) *stage {
	t.Helper()
	config := testConfig()
	config.ZeroHold = zeroHold
	s := newStage(t, newTestClock(), stateless, config)
	for i, branch := range []string{"main", "feat"} {
		s.addRun(int64(10*i+1), branch, "queued")
		s.endRun(int64(10*i+1), 1)
		s.addRun(int64(10*i+2), branch, "started")
	}
	s.start()
	return s
}

func TestEachFinishedRunCountsOnceAfterTheHold(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := counting(t, stateless, hold)
			s.scrapeOnce()
			s.endRun(2, 3)
			s.clock.advance(hold - time.Second)
			s.scrapeOnce()
			s.counted(0, "held back", "empirical_finished_runs_total{", `branch="main"`, `outcome="failed"`)
			s.counted(0, "held back", "empirical_run_duration_seconds_count{", `branch="main"`)

			s.clock.advance(time.Second)
			for range 3 {
				s.scrapeOnce()
			}
			s.clock.advance(s.config.ResyncInterval)
			s.mustBecomeRight("after a resync")
			for _, outcome := range []string{"passed", "error", "cancelled"} {
				s.counted(0, "no such run", "empirical_finished_runs_total{", `branch="main"`, `outcome="`+outcome+`"`)
			}
			for series, want := range map[string]float64{
				"empirical_finished_runs_total{": 1, "empirical_tests_total{": 10, "empirical_passed_tests_total{": 7,
				"empirical_failed_tests_total{": 3, "empirical_flaky_tests_total{": 2, "empirical_skipped_tests_total{": 0,
				"empirical_run_duration_seconds_count{": 1, "empirical_run_duration_seconds_sum{": 90,
			} {
				parts := []string{series, `branch="main"`}
				if series == "empirical_finished_runs_total{" {
					parts = append(parts, `outcome="failed"`)
				}
				s.counted(want, "after the hold", parts...)
			}
			s.counted(0, "another group", "empirical_tests_total{", `branch="feat"`)

			s.project.Delete(2) // what counted stays counted
			s.clock.advance(s.config.ResyncInterval)
			s.mustBecomeRight("after another resync")
			s.counted(10, "the run is deleted", "empirical_tests_total{", `branch="main"`)
		})
	}
}

func TestErrorsAndCancellationsCount(t *testing.T) {
	t.Parallel()
	s := counting(t, false, 0)
	s.scrapeOnce()
	s.project.Update(2, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("merge_conflict") })
	s.project.Update(12, func(r *apitest.Run) { r.State = "cancelled" })
	s.addRun(13, "feat", "error") // never seen active, and without a code
	s.scrapeOnce()
	s.counted(1, "errored", "empirical_finished_runs_total{", `branch="main"`, `outcome="error"`)
	s.counted(1, "errored", "empirical_run_errors_total{", `branch="main"`, `error_code="merge_conflict"`)
	s.counted(0, "errored otherwise", "empirical_run_errors_total{", `branch="main"`, `error_code="run_failed_with_error"`)
	s.counted(1, "cancelled", "empirical_finished_runs_total{", `branch="feat"`, `outcome="cancelled"`)
	s.counted(1, "no code", "empirical_run_errors_total{", `branch="feat"`, `error_code="unknown"`)
	s.counted(0, "no tests", "empirical_tests_total{", `branch="feat"`)

	// An undocumented code is shown at 0 first, as a new group is.
	s.addRun(3, "main", "started")
	s.scrapeOnce()
	s.project.Update(3, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("out_of_disk") })
	s.refresh()
	s.counted(0, "new code", "empirical_run_errors_total{", `error_code="out_of_disk"`)
	s.counted(2, "new code", "empirical_finished_runs_total{", `branch="main"`, `outcome="error"`)
	s.counted(1, "the next scrape", "empirical_run_errors_total{", `error_code="out_of_disk"`)
}

func TestHoldOfNothingIsStillOneScrape(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := counting(t, stateless, 0)
			s.scrapeOnce()
			s.addRun(20, "new", "started")
			s.endRun(20, 1)
			s.refresh()
			s.counted(0, "first scrape", "empirical_finished_runs_total{", `branch="new"`, `outcome="failed"`)
			s.counted(1, "second scrape", "empirical_finished_runs_total{", `branch="new"`, `outcome="failed"`)
		})
	}
}

// The hold begins with the first scrape that shows the group, not with its first run.
func TestHoldBeginsWhenTheGroupIsServed(t *testing.T) {
	t.Parallel()
	s := counting(t, false, hold)
	s.refresh()
	s.endRun(2, 0)
	s.clock.advance(10 * hold)
	s.refresh() // nobody has scraped so far
	for range 2 {
		s.counted(0, "the hold has just begun", "empirical_finished_runs_total{", `branch="main"`, `outcome="passed"`)
	}
	s.clock.advance(hold)
	s.counted(1, "the hold is over", "empirical_finished_runs_total{", `branch="main"`, `outcome="passed"`)
}

func TestGroupThatComesBackStartsAtZero(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := counting(t, stateless, hold)
			s.scrapeOnce()
			s.endRun(2, 1)
			s.clock.advance(hold)
			s.scrapeOnce()
			s.counted(10, "before", "empirical_tests_total{", `branch="main"`)
			s.clock.advance(9 * day)
			s.scrapeOnce()
			if shown, others := s.gather(); len(shown) > 0 || len(others.only("empirical_tests_total")) > 0 {
				t.Errorf("%d run gauges and %v after the lookback, want none", len(shown), others.only("empirical_tests_total"))
			}

			s.clock.advance(time.Hour)
			s.addRun(30, "main", "started")
			s.endRun(30, 4)
			s.scrapeOnce()
			back := s.clock.Now()
			s.counted(0, "back", "empirical_failed_tests_total{", `branch="main"`)
			s.clock.advance(hold)
			s.counted(4, "after a new hold", "empirical_failed_tests_total{", `branch="main"`)
			if at := s.createdAt("empirical_failed_tests_total", "main"); !at.Equal(back) {
				t.Errorf("created %v, want %v", at, back)
			}
		})
	}
}

func (s *stage) metric(name, branch string) *dto.Metric {
	s.t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && slices.Contains(labelsOf(m), branch) {
				return m
			}
		}
	}
	s.t.Fatalf("no %s of %s", name, branch)
	return nil
}

func (s *stage) createdAt(name, branch string) time.Time {
	s.t.Helper()
	m := s.metric(name, branch)
	if m.GetHistogram() != nil {
		return m.GetHistogram().GetCreatedTimestamp().AsTime()
	}
	return m.GetCounter().GetCreatedTimestamp().AsTime()
}

func TestCreatedTimestamps(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTestClock(), false, testConfig())
	s.addRun(1, "main", "started")
	s.start()
	start := s.clock.Now()
	s.clock.advance(time.Minute)
	s.scrapeOnce()
	s.clock.advance(time.Hour)
	s.addRun(2, "new", "started")
	s.scrapeOnce()
	for branch, want := range map[string]time.Time{"main": start, "new": s.clock.Now()} {
		for _, name := range []string{"empirical_finished_runs_total", "empirical_tests_total", "empirical_run_errors_total", "empirical_run_duration_seconds"} {
			if got := s.createdAt(name, branch); !got.Equal(want) {
				t.Errorf("%s of %s was created %v, want %v", name, branch, got, want)
			}
		}
	}
}

func TestDurationHistogramIsClassicAndNative(t *testing.T) {
	t.Parallel()
	s := counting(t, false, 0)
	s.scrapeOnce()
	s.endRun(2, 0) // took 90 s
	s.scrapeOnce()
	h := s.metric("empirical_run_duration_seconds", "main").GetHistogram()
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
		if got := fmt.Sprint(bucket.GetExemplar().GetLabel()); exemplar && (got != `[name:"run_id" value:"2"]` && got != `[name:"run_id"  value:"2"]`) {
			t.Errorf("exemplar %s, want run_id 2", got)
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
