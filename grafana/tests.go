package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// testsOverTime splits the tests of the window into parts that add up: the API counts flaky tests among those that
// passed, and snoozed failures among those that failed.
func testsOverTime(v view) *timeseries.PanelBuilder {
	total := func(name string) string { return v.total("empirical_recent_" + name) }
	graph := newGraph("Tests, last $window", "Tests of the runs that ended in the window, at each moment. Flaky: passed only when tried again. Snoozed: failed, but muted. "+
		"From empirical_recent_passed_tests, empirical_recent_flaky_tests, empirical_recent_failed_tests, empirical_recent_snoozed_failed_tests and "+
		"empirical_recent_skipped_tests.", 12).
		WithTarget(overTime("A", "passed", total("passed_tests")+" - "+total("flaky_tests"))).
		WithTarget(overTime("B", "flaky", total("flaky_tests"))).
		WithTarget(overTime("C", "failed", total("failed_tests")+" - "+total("snoozed_failed_tests"))).
		WithTarget(overTime("D", "snoozed", total("snoozed_failed_tests"))).
		WithTarget(overTime("E", "skipped", total("skipped_tests"))).
		Unit(units.Short)
	return withColours(stacked(graph), []string{"passed", "flaky", "failed", "snoozed", "skipped"}, testColours)
}

// notPassedTests is the same without passed and skipped tests, which are too many to show beside the others.
func notPassedTests(v view) *timeseries.PanelBuilder {
	total := func(name string) string { return v.total("empirical_recent_" + name) }
	graph := newGraph("Tests that did not simply pass, last $window", "The same without passed and skipped tests, which dwarf the others. "+
		"From empirical_recent_flaky_tests, empirical_recent_failed_tests and empirical_recent_snoozed_failed_tests.", 12).
		WithTarget(overTime("A", "flaky", total("flaky_tests"))).
		WithTarget(overTime("B", "failed", total("failed_tests")+" - "+total("snoozed_failed_tests"))).
		WithTarget(overTime("C", "snoozed", total("snoozed_failed_tests"))).
		Unit(units.Short).AxisSoftMax(1)
	return withColours(graph, []string{"flaky", "failed", "snoozed"}, testColours)
}

var testColours = map[string]string{
	"passed":  passedColour,
	"flaky":   flakyColour,
	"failed":  failedColour,
	"snoozed": snoozedColour,
	"skipped": skippedColour,
}
