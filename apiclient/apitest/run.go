package apitest

import (
	"encoding/json"
	"time"
)

// ended is the only state in which a run has a result.
const ended = "ended"

// Run is one test run. A nil pointer is a value that the API does not give: null
// in the item, or no key at all. The keys that may be left out (the older
// reference page shows items without them) are null in runs with an even id and
// left out in runs with an odd one.
//
// Runs of a [Project] may share the values that their pointers point to. So set a
// field to a new pointer, and never write through the old one.
type Run struct {
	ID    int64  // [Project.Add] gives one where it is 0
	State string // one of the documented seven, or anything

	TotalCount               *int64
	SuccessCount             *int64 // flaky tests included
	FailedCount              *int64
	SkippedCount             *int64
	FlakyCount               *int64
	FailedCountAfterSnoozing *int64 // only in items with state
	Duration                 *int64 // in the unit that the test chooses for the API

	Branch          *string // test_run_branch
	EnvironmentSlug *string
	EnvironmentName *string
	BuildURL        *string
	BuildBranch     *string
	Commit          *string
	ErrorCode       *string // only in items with state

	// CreatedAt is stored to the millisecond. [Project.Add] takes the time of the
	// server's clock where it is zero.
	CreatedAt time.Time

	// StartedAt is when the run left the queue (run_started_at), kept and served
	// to the millisecond. It is not given where it is zero.
	StartedAt time.Time

	// Extra adds keys to the item or replaces them, with these bytes as they are,
	// JSON or not. A nil value removes the key. Filters and the order of the list
	// use the fields and not Extra.
	Extra map[string]json.RawMessage
}

// Failed reports whether the API's result of the run is "failed": it has ended and
// has failures that are not snoozed. A run that has not ended has no result.
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
