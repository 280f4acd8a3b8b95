package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// testRuns shows all environments, for whoever looks after the tests.
func testRuns() board {
	v := everyEnvironment
	frame := newFrame(testRunsUID, "Empirical / Test runs",
		"Is it green now, is it worse than last week, what runs and waits, and where the time and the failures are.").
		Time("now-7d", "now").
		Refresh("1m").
		Link(toDashboard("One environment", environmentUID)).
		Link(toDashboard("The exporter itself", exporterUID)).
		WithVariable(datasourceVariable()).
		WithVariable(several("project", "Project", "Projects of Empirical, by slug.", "label_values(empirical_runs, project)")).
		WithVariable(several("environment", "Environment", "Environments, by slug.",
			`label_values(empirical_runs{project=~"$project"}, environment)`)).
		WithVariable(several("branch", "Branch", "Branches of the test repository. other: those the exporter counts together.",
			`label_values(empirical_runs{project=~"$project",environment=~"$environment"}, branch)`)).
		WithVariable(windowVariable())
	return board{frame: frame, sections: []section{
		{"", append(overview(v), branchTable(v), failureTrend(v, 10), activeTable(v))},
		{"Failures and flakiness", []cog.Builder[dashboard.Panel]{
			failureRanking(v), testFailureByGroup(v), failureByGroup(v), flakyByGroup(v),
		}},
		{"Tests and queue", []cog.Builder[dashboard.Panel]{testsOverTime(v), notPassedTests(v), activeOverTime(v, 12), runsPerDay(v, 12)}},
		{"Durations", []cog.Builder[dashboard.Panel]{slowestGroup(v), allRunsTogether(v), durationHeatmap(v), slowestTable(v)}},
		{"Outcomes and errors", []cog.Builder[dashboard.Panel]{outcomesInRange(v, 8), errorsInRange(v, 8), errorsOverTime(v, 8)}},
	}}
}
