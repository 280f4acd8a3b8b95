package main

// A colour means the same thing on every panel of every dashboard, in dark and in light.
const (
	passedColour    = "green"
	failedColour    = "red"
	flakyColour     = "orange"
	skippedColour   = "#9AA1AB" // grey
	snoozedColour   = "#C9A0A4" // a failure that somebody muted: the red, washed out
	errorColour     = "purple"  // the run itself broke
	cancelledColour = "#6B8299" // blue-grey
	startedColour   = "blue"
	queuedColour    = "light-blue"
	pendingColour   = "super-light-blue"
	neutralColour   = "#8E99A6" // says neither good nor bad
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
	"ended":      neutralColour, // ended is not passed: the outcome says which
	"error":      errorColour,
	"cancelling": cancelledColour,
	"cancelled":  cancelledColour,
	"unknown":    warningColour,
}

// errorColours are shades of the colour of an error, one for each error code.
var errorColours = map[string]string{
	"merge_conflict":        "super-light-purple",
	"dispatch_failed":       "light-purple",
	"report_not_generated":  "purple",
	"run_failed_with_error": "semi-dark-purple",
	"worker_interrupted":    "dark-purple",
	"merge_reports_failed":  "#D683CE",
	"unknown":               neutralColour,
}

// statColours are those of the statistics of a duration, from the middle outwards.
var statColours = map[string]string{
	"mean": neutralColour,
	"p50":  "light-blue",
	"p90":  "blue",
	"p99":  "dark-blue",
	"max":  "super-light-blue",
}
