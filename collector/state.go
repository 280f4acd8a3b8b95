package collector

import "github.com/empirical-exporter/empirical_exporter/apiclient"

// state is a run's state, in the order in which a run passes through them.
// Cancelled, error and ended are all ends.
type state uint8

const (
	pending state = iota
	queued
	started
	cancelling
	cancelled
	errored
	ended
	unknownState
	stateCount
)

var stateNames = [stateCount]string{
	pending:      string(apiclient.Pending),
	queued:       string(apiclient.Queued),
	started:      string(apiclient.Started),
	cancelling:   string(apiclient.Cancelling),
	cancelled:    string(apiclient.Cancelled),
	errored:      string(apiclient.Errored),
	ended:        string(apiclient.Ended),
	unknownState: "unknown",
}

const activeStates = 4 // pending, queued, started, cancelling

func stateOf(s apiclient.State) state {
	for known, name := range stateNames[:unknownState] {
		if string(s) == name {
			return state(known)
		}
	}
	return unknownState
}

func (s state) String() string { return stateNames[s] }

func (s state) active() bool { return s < activeStates }

// later tells whether a run that was seen in both states, by requests of which
// none is known to be the later, must be in s now.
func (s state) later(than state) bool { return s.rank() > than.rank() }

func (s state) rank() int {
	switch {
	case s == unknownState:
		return -1 // says nothing of how far the run has come
	case s.active():
		return int(s)
	default:
		return activeStates
	}
}

// outcome is the verdict on a finished run.
type outcome uint8

const (
	passedRun outcome = iota
	failedRun
	errorRun
	cancelledRun
	outcomeCount
	noOutcome = outcomeCount
)

var outcomeNames = [outcomeCount]string{"passed", "failed", "error", "cancelled"}

func (o outcome) String() string { return outcomeNames[o] }

// finished tells whether there is a verdict or a cancellation.
func (o outcome) finished() bool { return o != noOutcome }

// completed tells whether there is a verdict: cancelled runs carry none.
func (o outcome) completed() bool { return o < cancelledRun }
