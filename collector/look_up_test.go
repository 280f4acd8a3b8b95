package collector_test

import (
	"encoding/json"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestHeldRunWhoseItemIsRefusedNowIsDropped(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, stateless bool) {
		t.Helper()
		s := counting(t, stateless, 0)
		s.scrapeOnce()
		s.mustCountRuns(4, "at first")
		s.endRun(2, 1)
		s.project.Update(2, func(r *apitest.Run) {
			r.Extra = map[string]json.RawMessage{"created_at": json.RawMessage(`"never"`)}
		})
		s.refresh()
		s.mustCountRuns(3, "an item without a date")
		shown, _ := s.gather()
		if n, err := shown.value("empirical_runs{", `branch="main"`, `state="started"`); err != nil || n != 0 {
			t.Errorf("%v runs are started, want none (%v)", n, err)
		}
	})
}

func TestLookUpThatShowsOtherRunsFailsTheRefresh(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, stateless bool) {
		t.Helper()
		s := newStage(t, newTestClock(), stateless, testConfig())
		s.addRun(1, "main", "started")
		for id := range int64(150) { // so that run 1 stands on no page that is read
			s.addRun(id+2, "main", "ended")
		}
		s.start()
		s.refresh()
		before, _ := s.gather()
		s.endRun(1, 0)
		s.server.Inject(apitest.IgnoreID())
		s.refresh()
		shown, others := s.gather()
		if about := diff(shown, before); about != "" {
			t.Errorf("the snapshot has changed:\n%s", about)
		}
		if n, err := others.value("empirical_exporter_refresh_failures_total{", `reason="response"`); err != nil || n != 1 {
			t.Errorf("%v refreshes failed because of the response, want 1 (%v)", n, err)
		}
	})
}
