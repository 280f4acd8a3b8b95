package apitest

import (
	"encoding/json"
	"time"
)

// The documented states of a run.
const (
	pending    = "pending"
	queued     = "queued"
	started    = "started"
	cancelling = "cancelling"
	cancelled  = "cancelled"
	errored    = "error"
	ended      = "ended"
)

// Run is the whole truth of one test run. A nil pointer is a value that the
// API does not give: null, or for the keys that the older reference page was
// seen to leave out (and those that only some items carry), null in runs with
// an even id and no key at all in those with an odd one.
//
// Runs that come from a [Project] may share what their pointers point to: set
// a field to a new pointer, don't write through the old one.
type Run struct {
	ID    int64  // given by [Project.Add] where 0
	State string // one of the documented seven, or anything

	TotalCount               *int64
	SuccessCount             *int64 // flaky tests included
	FailedCount              *int64
	SkippedCount             *int64
	FlakyCount               *int64
	FailedCountAfterSnoozing *int64 // only in items that carry state
	Duration                 *int64 // milliseconds

	Branch          *string // test_run_branch
	EnvironmentSlug *string
	EnvironmentName *string
	BuildURL        *string
	BuildBranch     *string
	Commit          *string
	ErrorCode       *string // only in items that carry state

	// CreatedAt is kept and served to the millisecond; [Project.Add] takes the
	// server's clock where it is zero.
	CreatedAt time.Time

	// Extra sets keys of the run's item, in place of those it would have, to
	// these bytes as they are, JSON or not; a nil value removes the key.
	// Filters and order go by the fields, not by Extra.
	Extra map[string]json.RawMessage
}

// Failed tells whether the API's result of the run is "failed": it ended, with
// failures that are not snoozed. A run that has not ended has no result.
func (r Run) Failed() bool {
	if r.State != ended {
		return false
	}
	failures := r.FailedCountAfterSnoozing
	if failures == nil {
		failures = r.FailedCount
	}
	return failures != nil && *failures > 0
}
