package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// testRuns shows all environments, for whoever looks after the tests: the default branches in front, the feature branches
// in the lowest part.
func testRuns() board {
	v, features := everyEnvironment, everyEnvironment.features()
	frame := newFrame(testRunsUID, "Empirical / Test runs",
		"Is it green now, is it worse than last week, what runs and waits, and where the time and the failures are.").
		Time("now-7d", "now").
		Refresh("1m").
		Link(toDashboard("All projects", allProjectsUID, "default_branch", "objective")).
		Link(toDashboard("One environment", environmentUID, "default_branch", "objective", "window")).
		Link(toDashboard("The exporter itself", exporterUID)).
		WithVariable(datasourceVariable()).
		WithVariable(clusterVariable()).
		WithVariable(several("project", "Project", "Projects of Empirical, by slug.", `label_values(empirical_runs{cluster=~"$cluster"}, project)`)).
		WithVariable(several("environment", "Environment", "Environments, by slug.",
			`label_values(empirical_runs{cluster=~"$cluster",project=~"$project"}, environment)`)).
		WithVariable(defaultBranchVariable()).
		WithVariable(branchVariable(v.scope)).
		WithVariable(windowVariable()).
		WithVariable(objectiveVariable()).
		WithVariable(deploysVariable())
	return board{frame: frame, sections: []section{
		{"", append(overview(v), branchTable(v, "Default branches in every environment, worst first"), alertsNow(testScope, 24, 7), failureTrend(v, 24))},
		{"Which tests", []cog.Builder[dashboard.Panel]{mostFailingTests(v), flakiestTests(v)}},
		{"Failures and flakiness", []cog.Builder[dashboard.Panel]{
			failureRanking(v, "Failed runs by environment", 12), testFailureByGroup(v), failureByGroup(v), flakyByGroup(v),
		}},
		{"Tests and queue", []cog.Builder[dashboard.Panel]{
			testsOverTime(v), notPassedTests(v), activeOverTime(v, 9), activeTable(v, "What runs and waits now, and since when"), runsOverTime(v, 24),
		}},
		{"Durations and queue time", []cog.Builder[dashboard.Panel]{slowestGroup(v), slowestQueue(v), slowestTable(v, 24)}},
		{"Outcomes and errors", []cog.Builder[dashboard.Panel]{outcomesInWindow(v, 8), errorsInWindow(v, 8), errorsOverTime(v, 8)}},
		{"Feature branches", []cog.Builder[dashboard.Panel]{
			branchTable(features, "Feature branches, worst first"),
			failureRanking(features, "Failed runs of feature branches", 9), activeTable(features, "What runs and waits on feature branches, and since when"),
		}},
	}, annotations: marks(v)}
}
