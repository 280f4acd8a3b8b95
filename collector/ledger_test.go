package collector_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A code that is held back as one of too many may be admitted before it counts.
func TestCodeThatIsAdmittedLaterIsCounted(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.ResyncInterval = day
	s := newStage(t, newTestClock(), false, config)
	leaving := s.clock.Now().Add(time.Minute - config.Lookback)
	for i := range 40 { // as many codes as there may be, each of them twice
		s.project.Add(apitest.Run{State: "error", Branch: new("old"), ErrorCode: new(fmt.Sprintf("code_%d", i/2)), CreatedAt: leaving})
	}
	s.addRun(100, "main", "started")
	s.start()
	s.scrapeOnce()
	s.project.Update(100, func(r *apitest.Run) { r.State, r.ErrorCode = "error", new("late_code") })
	s.clock.advance(30 * time.Second)
	s.scrapeOnce()
	for range 5 {
		s.clock.advance(time.Minute)
		s.scrapeOnce()
	}
	s.counted(1, "admitted", "empirical_finished_runs_total{", `branch="main"`, `outcome="error"`)
	s.counted(1, "admitted", "empirical_run_errors_total{", `branch="main"`, `error_code="late_code"`)
}

func TestHeldBackRunsOfAFoldedGroupAreCountedWhereTheyStand(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.MaxGroups = 1
	s := newStage(t, newTestClock(), false, config)
	s.addRun(1, "small", "started")
	s.start()
	s.scrapeOnce()
	s.endRun(1, 1)
	s.clock.advance(30 * time.Second)
	s.scrapeOnce()
	s.counted(0, "held back", "empirical_tests_total{", `branch="small"`)
	s.addRun(2, "big", "started")
	s.addRun(3, "big", "started")
	s.scrapeOnce()
	s.clock.advance(hold)
	s.scrapeOnce()
	s.counted(10, "folded", "empirical_tests_total{", `branch="other"`)
	s.counted(0, "not its run", "empirical_tests_total{", `branch="big"`)
}
