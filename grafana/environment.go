package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// environment compares the branches of one environment: the default branches in front, the feature branches in the lowest
// part.
func environment() board {
	v, features := oneEnvironment, oneEnvironment.features()
	frame := newFrame(environmentUID, "Empirical / One environment",
		"One environment of one project, branch against branch. The marks on the graphs are runs that failed or errored.").
		Time("now-7d", "now").
		Refresh("1m").
		Link(toDashboard("All projects", allProjectsUID, "default_branch", "objective")).
		Link(toDashboard("Test runs", testRunsUID, "project", "default_branch", "branch", "window", "objective", "deploys")).
		Link(toDashboard("The exporter itself", exporterUID)).
		WithVariable(datasourceVariable()).
		WithVariable(clusterVariable()).
		WithVariable(single("project", "Project", "A project of Empirical, by slug.", `label_values(empirical_runs{cluster=~"$cluster"}, project)`)).
		WithVariable(environmentVariable()).
		WithVariable(defaultBranchVariable()).
		WithVariable(branchVariable(v.scope)).
		WithVariable(windowVariable()).
		WithVariable(objectiveVariable()).
		WithVariable(deploysVariable())
	return board{
		frame: frame,
		sections: []section{
			{"", append(overview(v), environmentBranchTable(v, "Default branches in $environment", 5), outcomeHistory(v, "When each default branch was green", 6))},
			{"Failures and flakiness", []cog.Builder[dashboard.Panel]{
				failureByGroup(v), failureTrend(v, 12), testFailureByGroup(v), flakyByGroup(v), streaks(v), passRate28OverTime(v, 12),
			}},
			{"Tests and queue", []cog.Builder[dashboard.Panel]{
				testsOverTime(v), notPassedTests(v), activeOverTime(v, 9), activeTable(v, "What runs and waits now, and since when"), runsPerDay(v, 24),
			}},
			{"Durations and queue time", []cog.Builder[dashboard.Panel]{durationByGroup(v), queueByGroup(v, 12), allRunsTogether(v), slowestTable(v, 12), durationHeatmap(v)}},
			{"Outcomes and errors", []cog.Builder[dashboard.Panel]{outcomesInRange(v, 8), errorsInRange(v, 8), errorsOverTime(v, 8)}},
			{"Feature branches", []cog.Builder[dashboard.Panel]{
				environmentBranchTable(features, "Feature branches in $environment, worst first", graphHeight),
				outcomeHistory(features, "When each feature branch was green", tallHeight),
				failureRanking(features, "Failed runs of feature branches", 9), activeTable(features, "What runs and waits on feature branches, and since when"),
			}},
		},
		annotations: marks(v),
	}
}
