package collector_test

import (
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A run that is seen in two lists of one refresh moved meanwhile: the later
// state counts, whichever list arrives last.
func TestRunThatMovesBetweenLists(t *testing.T) {
	t.Parallel()
	for _, move := range []struct{ from, to string }{
		{"pending", "queued"},
		{"queued", "started"},
		{"started", "cancelling"},
		{"started", "ended"},
		{"cancelling", "cancelled"},
		{"queued", "error"},
	} {
		t.Run(move.from+" to "+move.to, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, newTestClock(), true, testConfig())
			s.addRun(1, "main", move.from)
			s.start()
			s.mustBeRight("before it moves")

			s.moveWhenListed(move.from, move.to)
			s.server.InjectN(1, apitest.DripBody(200, 5*time.Millisecond), apitest.State(move.from))
			s.refresh()
			shown, _ := s.gather()
			for state, want := range map[string]float64{move.from: 0, move.to: 1} {
				if got, err := shown.value("empirical_runs{", `state="`+state+`"`); err != nil || got != want {
					t.Errorf("%v runs %s, want %v (%v)", got, state, want, err)
				}
			}
			s.inPeace()
			s.mustBeRight("after it moved")
		})
	}
}

// moveWhenListed moves run 1 once the list of its state is computed, and lets
// no list of where it goes be computed before.
func (s *stage) moveWhenListed(from, to string) {
	listed := make(chan struct{})
	var once sync.Once
	s.server.OnResponse(func(r apitest.Request) {
		if r.Query.Get("state") == from {
			once.Do(func() {
				s.project.Update(1, func(run *apitest.Run) { run.State = to })
				close(listed)
			})
		}
	})
	s.server.OnRequest(func(r apitest.Request) {
		if r.Query.Get("state") == to {
			<-listed
		}
	})
}
