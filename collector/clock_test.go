package collector_test

import (
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestSnapshotOfTheFutureIsNotServed(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTestClock(), false, testConfig())
	s.addRun(1, "main", "ended")
	s.clock.advance(day)
	s.start()
	s.refresh()
	s.server.Inject(apitest.Status(401, "no"))
	s.clock.advance(-s.config.MaxStaleness)
	s.refresh()
	if shown, _ := s.gather(); len(shown) == 0 {
		t.Error("nothing is shown though the clock was set back but a little")
	}
	s.clock.advance(-time.Hour)
	s.refresh()
	if shown, _ := s.gather(); len(shown) != 0 {
		t.Errorf("%d run gauges of a snapshot whose age nobody knows, want none", len(shown))
	}
	s.counted(0, "the refresh fails", "empirical_up{")
}
