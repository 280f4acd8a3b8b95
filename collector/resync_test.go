package collector_test

import (
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// beginResync lets time pass until a resync is due and begins with the refresh.
func (s *stage) beginResync() {
	s.t.Helper()
	s.clock.advance(s.config.ResyncInterval)
	s.refresh()
}

func (s *stage) awaitResync() {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	for s.exporter.Resyncing() {
		select {
		case <-deadline:
			s.t.Fatal("the resync does not end")
		case <-time.After(time.Millisecond):
		}
	}
}

func (s *stage) mustCountRuns(want int, when string) {
	s.t.Helper()
	if got := s.exporter.Status()[0]; got.Runs != want || got.Err != nil {
		s.t.Fatalf("%s: %d runs are held, error %v, want %d and none", when, got.Runs, got.Err, want)
	}
}

func TestResyncOfTheFormerProjectIsNotTaken(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTestClock(), false, testConfig())
	s.addRun(1, "main", "ended")
	s.start()
	s.refresh()
	release, slow := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.server.ResetRequests()
	s.server.OnResponse(func(r apitest.Request) {
		if r.Number == 2 { // the first is the refresh's
			close(slow)
			<-release
		}
	})
	free := func() { once.Do(func() { close(release) }) }
	t.Cleanup(free)
	s.beginResync()
	<-slow

	s.project.SetSlug("another")
	s.addRun(2, "main", "ended")
	s.addRun(3, "main", "ended")
	s.refresh()
	s.mustCountRuns(3, "the key went to another project")
	free()
	s.awaitResync()
	s.mustCountRuns(3, "the resync has ended")
	if got := s.exporter.Status()[0].Project.Slug; got != "another" {
		t.Errorf("the project is %q, want another", got)
	}
}

func TestRunsLostAndFoundAreNotCountedAgain(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, stateless bool) {
		t.Helper()
		s := counting(t, stateless, 0)
		s.scrapeOnce()
		s.endRun(2, 1)
		for range 3 {
			s.scrapeOnce()
		}
		s.counted(10, "seen to end", "empirical_tests_total{", `branch="main"`)

		before, _ := s.project.Run(1) // had ended when the exporter started
		seen, _ := s.project.Run(2)
		s.project.Delete(1)
		s.project.Delete(2)
		s.beginResync()
		s.awaitResync()
		s.mustCountRuns(2, "lost")
		s.project.Add(before)
		s.project.Add(seen)
		for range 3 {
			s.scrapeOnce()
		}
		s.mustCountRuns(4, "found")
		s.counted(10, "found", "empirical_tests_total{", `branch="main"`)
		s.counted(1, "found", "empirical_finished_runs_total{", `branch="main"`, `outcome="failed"`)
	})
}

func TestRunsDoNotOutstayResyncsThatFail(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTestClock(), false, testConfig())
	for id := range int64(3) {
		s.addRun(id+1, "main", "ended")
	}
	s.start()
	s.refresh()
	s.clock.advance(10 * day)
	s.addRun(4, "main", "ended")
	s.server.ResetRequests()
	s.server.Inject(apitest.Status(400, "no"), apitest.After(1)) // the first is the refresh's
	s.refresh()
	s.awaitResync()
	if n := s.server.CountRequests(); n != 2 {
		t.Fatalf("%d requests, want one of the refresh and one of the resync", n)
	}
	if held := s.exporter.Held(); held != 1 {
		t.Errorf("%d runs are held, want the one of the lookback", held)
	}
}
