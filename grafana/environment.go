package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// environment compares the branches of one environment.
func environment() board {
	v := oneEnvironment
	frame := newFrame(environmentUID, "Empirical / One environment",
		"One environment of one project, branch against branch. The marks on the graphs are runs that failed or errored.").
		Time("now-7d", "now").
		Refresh("1m").
		Link(toDashboard("Test runs", testRunsUID)).
		Link(toDashboard("The exporter itself", exporterUID)).
		WithVariable(datasourceVariable()).
		WithVariable(single("project", "Project", "A project of Empirical, by slug.", "label_values(empirical_runs, project)")).
		WithVariable(single("environment", "Environment", "One environment of the project, by slug.",
			`label_values(empirical_runs{project="$project"}, environment)`)).
		WithVariable(several("branch", "Branch", "Branches of the test repository. other: those the exporter counts together.",
			`label_values(empirical_runs{project="$project",environment="$environment"}, branch)`)).
		WithVariable(windowVariable())
	return board{
		frame: frame,
		sections: []section{
			{"", append(overview(v), environmentBranchTable(v), outcomeHistory(v))},
			{"Failures and flakiness", []cog.Builder[dashboard.Panel]{
				failureByGroup(v), failureTrend(v, 12), testFailureByGroup(v), flakyByGroup(v), streaks(v), failureRanking(v),
			}},
			{"Tests and queue", []cog.Builder[dashboard.Panel]{testsOverTime(v), notPassedTests(v), activeOverTime(v, 10), activeTable(v), runsPerDay(v, 24)}},
			{"Durations", []cog.Builder[dashboard.Panel]{durationByGroup(v), allRunsTogether(v), durationHeatmap(v), slowestTable(v)}},
			{"Outcomes and errors", []cog.Builder[dashboard.Panel]{outcomesInRange(v, 8), errorsInRange(v, 8), errorsOverTime(v, 8)}},
		},
		annotations: []annotation{
			runsThatDidNotPass(v, "failed", failedColour),
			runsThatDidNotPass(v, "error", errorColour),
		},
	}
}
