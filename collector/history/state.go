package history

import "github.com/empirical-exporter/empirical_exporter/apiclient"

// State is a run's state. The values are in the order in which a run passes
// through them; Cancelled, Errored and Ended are three ways to finish.
type State uint8

// The documented states, and Unknown for any other.
const (
	Pending State = iota
	Queued
	Started
	Cancelling
	Cancelled
	Errored
	Ended
	Unknown

	// ActiveStates is the number of states of runs that have not finished,
	// which come first.
	ActiveStates = int(Cancelled)
	// States is the number of states.
	States = int(Unknown) + 1
)

var stateNames = [States]string{
	Pending:    string(apiclient.Pending),
	Queued:     string(apiclient.Queued),
	Started:    string(apiclient.Started),
	Cancelling: string(apiclient.Cancelling),
	Cancelled:  string(apiclient.Cancelled),
	Errored:    string(apiclient.Errored),
	Ended:      string(apiclient.Ended),
	Unknown:    "unknown",
}

func stateOf(s apiclient.State) State {
	for known, name := range stateNames[:Unknown] {
		if string(s) == name {
			return State(known)
		}
	}
	return Unknown
}

// String returns the state as the API spells it.
func (s State) String() string { return stateNames[s] }

// Active reports whether a run in this state has yet to finish.
func (s State) Active() bool { return int(s) < ActiveStates }

// later reports whether a run that was seen in both states must be in s now. It
// is for requests that were answered in an order that nobody knows.
func (s State) later(than State) bool { return s.rank() > than.rank() }

func (s State) rank() int {
	switch {
	case s == Unknown:
		return -1 // says nothing of how far the run has come
	case s.Active():
		return int(s)
	default:
		return ActiveStates
	}
}

// Outcome is the verdict on a finished run.
type Outcome uint8

// The outcomes, and NoOutcome for a run that is active or in an unknown state.
const (
	OutcomePassed Outcome = iota
	OutcomeFailed
	OutcomeError
	OutcomeCancelled
	NoOutcome

	// Outcomes is the number of outcomes.
	Outcomes = int(NoOutcome)
)

var outcomeNames = [Outcomes]string{"passed", "failed", "error", "cancelled"}

// String returns the outcome as metrics spell it. NoOutcome has no name.
func (o Outcome) String() string { return outcomeNames[o] }

// Finished reports whether the run has ended, broken or been cancelled.
func (o Outcome) Finished() bool { return o != NoOutcome }

// Completed reports whether the run has a verdict: cancelled runs have none.
func (o Outcome) Completed() bool { return o < OutcomeCancelled }

func outcomeOf(s State, failed bool) Outcome {
	switch {
	case s == Ended && failed:
		return OutcomeFailed
	case s == Ended:
		return OutcomePassed
	case s == Errored:
		return OutcomeError
	case s == Cancelled:
		return OutcomeCancelled
	default:
		return NoOutcome
	}
}
