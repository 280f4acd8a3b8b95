package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// The metrics, all of them. The README's table is made from these declarations.
var (
	// Now, and recently.
	runsMetric          = runGauge("empirical_runs", "Runs in the lookback by their current state.", "state")
	oldestActiveCreated = runGauge("empirical_oldest_active_run_created_timestamp_seconds", "When the oldest run that is now in an active state was created.", "state")
	oldestActiveInfo    = runGauge("empirical_oldest_active_run_info", "Always 1; names the oldest run that is now in an active state.", "state", "run_id")
	oldestActiveStarted = runGauge("empirical_oldest_active_run_started_timestamp_seconds", "When the oldest run that is now in an active state left the queue.", "state")
	recentRuns          = runGauge("empirical_recent_runs", "Runs created within the window by outcome.", "window", "outcome")
	recentTests         = runGauge("empirical_recent_tests", "Tests in the ended runs of the window, as the API counts them: without skipped ones.", "window")
	recentPassedTests   = runGauge("empirical_recent_passed_tests", "Tests that passed in the ended runs of the window, flaky ones included.", "window")
	recentFailedTests   = runGauge("empirical_recent_failed_tests", "Tests that failed in the ended runs of the window, snoozed ones included.", "window")
	recentFlakyTests    = runGauge("empirical_recent_flaky_tests", "Tests that passed only after a retry in the ended runs of the window.", "window")
	recentSkippedTests  = runGauge("empirical_recent_skipped_tests", "Tests that were skipped in the ended runs of the window.", "window")
	recentSnoozedTests  = runGauge("empirical_recent_snoozed_failed_tests", "Failed tests of the window's ended runs that were snoozed, so that they fail no run.", "window")
	recentFlakyRuns     = runGauge("empirical_recent_flaky_runs", "Ended runs of the window with at least one flaky test.", "window")
	recentDuration      = runGauge("empirical_recent_run_duration_seconds", "Mean, exact percentiles and maximum of the durations of the window's ended runs; not to be added or averaged over groups.", "window", "stat")
	recentQueued        = runGauge("empirical_recent_run_queued_seconds", "Mean, exact percentiles and maximum of the time from creation to start of the window's runs; not to be added or averaged over groups.", "window", "stat")
	recentErrors        = runGauge("empirical_recent_run_errors", "Errored runs of the window by error code.", "window", "error_code")

	// The last run.
	lastState            = runGauge("empirical_last_run_state", "1 for the state of the group's newest run, 0 for the others.", "state")
	lastCreated          = runGauge("empirical_last_run_created_timestamp_seconds", "When the newest run, in whatever state, was created.")
	lastCompletedInfo    = runGauge("empirical_last_completed_run_info", "Always 1; names the newest run that passed, failed or errored.", "run_id", "outcome", "error_code", "build_branch", "commit")
	lastCompletedSuccess = runGauge("empirical_last_completed_run_success", "1 if the newest completed run passed, else 0.")
	lastCompletedTests   = runGauge("empirical_last_completed_run_tests", "Tests in the newest completed run.")
	lastCompletedPassed  = runGauge("empirical_last_completed_run_passed_tests", "Tests that passed in the newest completed run, flaky ones included.")
	lastCompletedFailed  = runGauge("empirical_last_completed_run_failed_tests", "Tests that failed in the newest completed run, snoozed ones included.")
	lastCompletedFlaky   = runGauge("empirical_last_completed_run_flaky_tests", "Tests that passed only after a retry in the newest completed run.")
	lastCompletedSkipped = runGauge("empirical_last_completed_run_skipped_tests", "Tests that were skipped in the newest completed run.")
	lastCompletedSnoozed = runGauge("empirical_last_completed_run_snoozed_failed_tests", "Failed tests of the newest completed run that were snoozed.")
	lastCompletedSeconds = runGauge("empirical_last_completed_run_duration_seconds", "How long the newest completed run took.")
	lastCompletedQueued  = runGauge("empirical_last_completed_run_queued_seconds", "How long the newest completed run waited for its start.")
	lastCompletedCreated = runGauge("empirical_last_completed_run_created_timestamp_seconds", "When the newest completed run was created.")
	lastPassedCreated    = runGauge("empirical_last_passed_run_created_timestamp_seconds", "When the newest passed run was created.")
	failingStreak        = runGauge("empirical_failing_streak_runs", "Completed runs in a row, counted from the newest back, that did not pass.")

	// Since the exporter started.
	finishedRunsTotal = runCounter("empirical_finished_runs_total", "Runs seen to finish since the exporter has shown their group, by outcome.", "outcome")
	testsTotal        = runCounter("empirical_tests_total", "Tests in runs seen to end since the exporter has shown their group.")
	passedTestsTotal  = runCounter("empirical_passed_tests_total", "Passed tests, flaky ones included, in runs seen to end since the exporter has shown their group.")
	failedTestsTotal  = runCounter("empirical_failed_tests_total", "Failed tests, snoozed ones included, in runs seen to end since the exporter has shown their group.")
	flakyTestsTotal   = runCounter("empirical_flaky_tests_total", "Tests that passed only after a retry in runs seen to end since the exporter has shown their group.")
	skippedTestsTotal = runCounter("empirical_skipped_tests_total", "Skipped tests in runs seen to end since the exporter has shown their group.")
	runErrorsTotal    = runCounter("empirical_run_errors_total", "Runs seen to end in an error since the exporter has shown their group, by error code.", "error_code")
	runDuration       = runHistogram("empirical_run_duration_seconds", "Durations of runs seen to end since the exporter has shown their group.")

	// Which tests.
	testCaseRuns    = testGauge("empirical_test_case_runs", "Executions of a test within the window, by outcome; a flaky one is not among those that passed.", "window", "outcome")
	testCaseLastRun = testGauge("empirical_test_case_last_run_timestamp_seconds", "When the test was last executed.")
	testCasesMetric = gauge("empirical_test_cases", "Tests that the project has.", "project")

	// The exporter itself.
	up                  = gauge("empirical_up", "1 if the last refresh of this key's runs worked and its snapshot is fresh enough to be served, else 0.", "key")
	projectInfo         = gauge("empirical_project_info", "Always 1; the project that the key belongs to.", "key", "project", "name", "repo_name")
	snapshotTimestamp   = gauge("empirical_exporter_snapshot_timestamp_seconds", "When the refresh began that last read the runs.", "key")
	lastResyncTimestamp = gauge("empirical_exporter_last_resync_timestamp_seconds", "When the last reading of the whole lookback that worked began.", "key")
	apiInfo             = gauge("empirical_exporter_api_info", "Always 1; how the API's items are understood: the unit of durations, whether the state of a run comes from its item or from filtered lists, and whether items say when a run started.", "key", "duration_unit", "run_state", "run_started")
	heldRuns            = gauge("empirical_exporter_runs", "Runs held that lie in the lookback.", "key")
	refreshesTotal      = counter("empirical_exporter_refreshes_total", "Refreshes ended, failed ones included.", "key")
	failuresTotal       = counter("empirical_exporter_refresh_failures_total", "Refreshes failed, by the reason of the last attempt.", "key", "reason")
	lastRefreshDuration = gauge("empirical_exporter_last_refresh_duration_seconds", "How long the last refresh took.", "key")
	requestsTotal       = counter("empirical_exporter_api_requests_total", "Requests to the API, retries included, by HTTP status, or error where no answer came.", "key", "code")
	requestDuration     = histogram("empirical_exporter_api_request_duration_seconds", "Durations of requests to the API, answers read to their end.", "key")
	refusedRunsTotal    = counter("empirical_exporter_refused_runs_total", "Items left out because they could not be trusted, once for each refresh or resync that met them.", "key", "reason")
	reloadSuccessful    = gauge("empirical_exporter_config_last_reload_successful", "1 if the configuration file was taken over when it was last read, else 0; only where there is one.")
	reloadTimestamp     = gauge("empirical_exporter_config_last_reload_success_timestamp_seconds", "When the configuration file was last taken over; only where there is one.")
	testCasesUp         = gauge("empirical_exporter_test_cases_up", "1 if the last reading of the tests worked and is fresh enough to be served, else 0.", "key")
	testCasesTimestamp  = gauge("empirical_exporter_test_cases_timestamp_seconds", "When the reading began that last read the tests.", "key")
	foldedGroups        = gauge("empirical_exporter_folded_groups", "Pairs of branch and environment that are counted under branch=\"other\".", "key")
)

// Metric is the declaration of one metric family.
type Metric struct {
	Name   string
	Type   string // gauge, counter or histogram
	Help   string
	Labels []string // without team, which all metrics of a project have where the project has one

	index int // in allMetrics

	// With and without the label team, which comes last.
	desc, teamDesc  *prometheus.Desc
	plain, withTeam layout
}

// teamLabel is the name of the label that all metrics of a project have where the
// project has a team.
var teamLabel = "team"

// layout returns how the labels stand in a series.
func (m *Metric) layout(withTeam bool) *layout {
	if withTeam {
		return &m.withTeam
	}
	return &m.plain
}

// allMetrics are all metrics of the exporter, in the order of their declaration.
var allMetrics []*Metric

// Metrics returns the declarations of all metrics of the exporter, for
// documents and checks that must name them.
func Metrics() []Metric {
	all := make([]Metric, len(allMetrics))
	for i, m := range allMetrics {
		all[i] = *m
	}
	return all
}

func declare(kind, name, help string, labels []string) *Metric {
	m := &Metric{
		Name: name, Type: kind, Help: help, Labels: labels, index: len(allMetrics),
		desc:     prometheus.NewDesc(name, help, labels, nil),
		teamDesc: prometheus.NewDesc(name, help, append(slices.Clone(labels), teamLabel), nil),
		plain:    newLayout(labels),
		withTeam: newLayout(append(slices.Clone(labels), teamLabel)),
	}
	allMetrics = append(allMetrics, m)
	return m
}

func gauge(name, help string, labels ...string) *Metric {
	return declare("gauge", name, help, labels)
}

func counter(name, help string, labels ...string) *Metric {
	return declare("counter", name, help, labels)
}

func histogram(name, help string, labels ...string) *Metric {
	return declare("histogram", name, help, labels)
}

// runGauge, runCounter and runHistogram declare metrics of runs. Their first
// labels are those of the group.
func runGauge(name, help string, labels ...string) *Metric {
	return gauge(name, help, runLabels(labels)...)
}

func runCounter(name, help string, labels ...string) *Metric {
	return counter(name, help, runLabels(labels)...)
}

func runHistogram(name, help string, labels ...string) *Metric {
	return histogram(name, help, runLabels(labels)...)
}

// testGauge declares a metric of tests. Its first labels are those of a test.
func testGauge(name, help string, labels ...string) *Metric {
	return gauge(name, help, append([]string{"project", "test_case_id", "test_name", "file_path", "playwright_project"}, labels...)...)
}

func runLabels(more []string) []string {
	return append([]string{"project", "branch", "environment"}, more...)
}
