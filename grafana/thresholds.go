package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// The thresholds of the shipped alerts. A test compares them with the rules.
const (
	runFailureWarning  = 0.3
	runFailureCritical = 0.6
	testFailureWarning = 0.1
	flakyWarning       = 0.05
	streakWarning      = 3
	snapshotOld        = 240 // seconds
)

// snapshotStale is the default of --scrape.max-staleness in seconds: runs that were read longer ago are not served.
const snapshotStale = 300

// levels returns the thresholds of a value: fine below warning, and critical from critical on. The critical level may be
// left out.
func levels(warning float64, critical ...float64) *dashboard.ThresholdsConfigBuilder {
	steps := []dashboard.Threshold{{Color: fineColour}, {Value: &warning, Color: warningColour}}
	for _, value := range critical {
		steps = append(steps, dashboard.Threshold{Value: &value, Color: criticalColour})
	}
	return absolute(steps)
}

// anyIsBad returns the thresholds of a number that should be 0. Where there is none, it is not fine either.
func anyIsBad() *dashboard.ThresholdsConfigBuilder {
	zero, one := 0.0, 1.0
	return absolute([]dashboard.Threshold{{Color: neutralColour}, {Value: &zero, Color: fineColour}, {Value: &one, Color: criticalColour}})
}

// fromZero returns the thresholds of a difference that should not be negative.
func fromZero() *dashboard.ThresholdsConfigBuilder {
	zero := 0.0
	return absolute([]dashboard.Threshold{{Color: criticalColour}, {Value: &zero, Color: fineColour}})
}

// atLeast returns the thresholds of a share that should be high.
func atLeast(fine, warning float64) *dashboard.ThresholdsConfigBuilder {
	return absolute([]dashboard.Threshold{{Color: criticalColour}, {Value: &warning, Color: warningColour}, {Value: &fine, Color: fineColour}})
}

// plain returns a single colour, for a value that is neither good nor bad.
func plain(colour string) *dashboard.ThresholdsConfigBuilder {
	return absolute([]dashboard.Threshold{{Color: colour}})
}

func absolute(steps []dashboard.Threshold) *dashboard.ThresholdsConfigBuilder {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}
