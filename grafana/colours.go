package main

// A colour means the same on every panel of every dashboard.
const (
	passedColour    = "green"
	failedColour    = "red"
	flakyColour     = "orange"
	skippedColour   = "#9AA1AB" // grey
	snoozedColour   = "#C9A0A4" // a snoozed failure: a pale red
	errorColour     = "purple"  // the run itself broke
	cancelledColour = "#6B8299" // blue-grey
	startedColour   = "blue"
	queuedColour    = "light-blue"
	pendingColour   = "super-light-blue"
	neutralColour   = "#8E99A6" // neither good nor bad
	pastColour      = "#8E99A6" // the week before, beside the present
)

// The levels of a value that has thresholds.
const (
	fineColour     = "green"
	warningColour  = "yellow"
	criticalColour = "red"
)

var outcomeColours = map[string]string{
	"passed":    passedColour,
	"failed":    failedColour,
	"error":     errorColour,
	"cancelled": cancelledColour,
}

var stateColours = map[string]string{
	"pending":    pendingColour,
	"queued":     queuedColour,
	"started":    startedColour,
	"ended":      neutralColour, // an ended run passed or failed; see its outcome
	"error":      errorColour,
	"cancelling": cancelledColour,
	"cancelled":  cancelledColour,
	"unknown":    warningColour,
}

// errorColours has a shade of the colour of errors for each error code.
var errorColours = map[string]string{
	"merge_conflict":        "super-light-purple",
	"dispatch_failed":       "light-purple",
	"report_not_generated":  "purple",
	"run_failed_with_error": "semi-dark-purple",
	"worker_interrupted":    "dark-purple",
	"merge_reports_failed":  "#D683CE",
	"unknown":               neutralColour,
}

// statColours has the colours of the statistics of durations.
var statColours = map[string]string{
	"mean": neutralColour,
	"p50":  "light-blue",
	"p90":  "blue",
	"p99":  "dark-blue",
	"max":  "super-light-blue",
}
