package apiclient

import (
	"slices"
	"time"
)

// State is the state of a run, as the API writes it.
type State string

// The documented states. The API may send others; they are passed on as they are.
const (
	Pending    State = "pending"    // waits because the concurrency limit is reached
	Queued     State = "queued"     // will start soon
	Started    State = "started"    // executing
	Cancelling State = "cancelling" // being cancelled
	Cancelled  State = "cancelled"
	Errored    State = "error" // the run itself broke; a run with failed tests is Ended
	Ended      State = "ended" // completed, with or without failed tests
)

// Result is the API's result of an ended run. It exists only as a filter.
type Result string

// The documented results.
const (
	Passed Result = "passed"
	Failed Result = "failed"
)

// ErrorCode says why a run broke. The reference page lists the codes, but not
// under which key they stand.
type ErrorCode string

// The documented error codes.
const (
	MergeConflict      ErrorCode = "merge_conflict"
	DispatchFailed     ErrorCode = "dispatch_failed"
	ReportNotGenerated ErrorCode = "report_not_generated"
	RunFailedWithError ErrorCode = "run_failed_with_error"
	WorkerInterrupted  ErrorCode = "worker_interrupted"
	MergeReportsFailed ErrorCode = "merge_reports_failed"
)

// ErrorCodes returns the documented error codes.
func ErrorCodes() []ErrorCode { return slices.Clone(errorCodes) }

var errorCodes = []ErrorCode{
	MergeConflict, DispatchFailed, ReportNotGenerated,
	RunFailedWithError, WorkerInterrupted, MergeReportsFailed,
}

// Count is a number of tests. Known is false where the API gave null or
// nothing, as it does for runs that have not ended yet (public client code).
type Count struct {
	N     int64
	Known bool
}

// Run is one test run as the API sends it. A text that is null or absent is empty.
type Run struct {
	ID int64
	// State is empty where items carry none, as on the current reference page.
	State State

	TotalCount   Count
	SuccessCount Count // flaky tests included (older reference page)
	FailedCount  Count
	SkippedCount Count
	FlakyCount   Count
	// FailedCountAfterSnoozing is FailedCount without the failures that were muted.
	// Where it is known, it decides whether the run failed (public client code).
	FailedCountAfterSnoozing Count

	// Duration is how long the run took, as the API gives it. Its unit is not
	// documented: an older reference page shows milliseconds, public client code
	// of live runs seconds. HasDuration is false where the API gave none.
	Duration    float64
	HasDuration bool

	Branch          string // test_run_branch
	EnvironmentSlug string
	BuildBranch     string
	Commit          string
	// ErrorCode is the text under error_code, else the documented code that
	// stands somewhere else in the item, see findCode.
	ErrorCode ErrorCode
	CreatedAt time.Time
	// StartedAt is when the run left the queue (run_started_at, public client
	// code). It is zero where the API does not say, or not in RFC 3339.
	StartedAt time.Time
}

// Project is the project that a key belongs to. Slug is never empty.
type Project struct {
	ID       int64
	Slug     string
	Name     string
	RepoName string
}
