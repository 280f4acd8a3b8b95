package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// overview returns the first line of a dashboard: do the default branches pass, is it worse than last week, what runs, how old is this.
func overview(v view) []cog.Builder[dashboard.Panel] {
	return []cog.Builder[dashboard.Panel]{
		passingNow(v), failureNow(v), againstWeekBefore(v), passRate28Now(v, 4), flakyNow(v), activeNow(v), lastRead(),
	}
}

func passingNow(v view) *stat.PanelBuilder {
	success := "(" + perGroup(v.series("empirical_last_completed_run_success")) + " and on (project, environment, branch) " + v.completedInWindow() + " > 0)"
	return sideBySide(newStat("Is it green now", "How many default branches, in each environment, passed in their last completed run, and how "+
		"many failed or errored, of those with a completed run in the chosen window: a closed branch is not now. Branches counted together as \"other\" have no last run and are left out. "+
		"From empirical_last_completed_run_success and empirical_recent_runs.", 4)).
		WithTarget(atEnd("A", "Green", sum(nil, success))).
		WithTarget(atEnd("B", "Not green", sum(nil, "1 - "+success))).
		ColorMode(common.BigValueColorModeBackgroundSolid).
		Thresholds(anyIsBad()).
		Unit(units.Number).
		NoValue("no run").
		OverrideByName("Green", overrides(coloured(plain(passedColour))))
}

func failureNow(v view) *stat.PanelBuilder {
	return newStat("Failed, $window", "Failed and errored runs over completed ones in the chosen window. Yellow and red are "+
		"where the alerts speak. From empirical_recent_runs.", 3).
		WithTarget(overTime("A", "Failed", v.runFailureRatio())).
		GraphMode(common.BigValueGraphModeArea).
		Thresholds(levels(runFailureWarning, runFailureCritical)).
		Unit(units.PercentUnit).Decimals(1).Min(0).
		NoValue("no run")
}

func againstWeekBefore(v view) *stat.PanelBuilder {
	return newStat("Against last week", "The share of failed runs in the chosen window, less the share in the same window a week ago, in "+
		"percentage points: above 0 is worse than then. From empirical_recent_runs.", 4).
		WithTarget(atEnd("A", "Change", "100 * ("+v.runFailureRatio()+" - "+v.weekBefore().runFailureRatio()+")")).
		Thresholds(levels(percentagePointsWorse)).
		Unit("suffix: points").Decimals(1).
		NoValue("no run then")
}

// percentagePointsWorse is a rise against the week before that is probably no chance. No alert uses it.
const percentagePointsWorse = 5

func flakyNow(v view) *stat.PanelBuilder {
	return newStat("Flaky, $window", "Tests that passed only when tried again, over tests that ran, in the chosen window. Yellow is where "+
		"the alert speaks. From empirical_recent_flaky_tests, empirical_recent_passed_tests and empirical_recent_failed_tests.", 3).
		WithTarget(overTime("A", "Flaky", v.flakyRatio())).
		GraphMode(common.BigValueGraphModeArea).
		Thresholds(levels(flakyWarning)).
		Unit(units.PercentUnit).Decimals(1).Min(0).
		NoValue("no test")
}

func activeNow(v view) *stat.PanelBuilder {
	return sideBySide(newStat("Now", "Runs that run (started or cancelling) and runs that wait (pending or queued), at this moment. From empirical_runs.", 3)).
		WithTarget(atEnd("A", "Running", sum(nil, perGroup(v.series("empirical_runs", `state=~"started|cancelling"`), "state")))).
		WithTarget(atEnd("B", "Waiting", sum(nil, perGroup(v.series("empirical_runs", `state=~"pending|queued"`), "state")))).
		Unit(units.Number).
		NoValue("no run").
		OverrideByName("Running", overrides(coloured(plain(startedColour)))).
		OverrideByName("Waiting", overrides(coloured(plain(queuedColour))))
}

// lastRead shows whether the dashboard is up to date. It takes the freshest replica of each key of the chosen projects,
// and of these keys the oldest.
func lastRead() *stat.PanelBuilder {
	age := `round(time() - min(max by (key, project) (empirical_exporter_snapshot_timestamp_seconds` +
		` * on (cluster, job, instance, key) group_left (project) empirical_project_info{cluster=~"$cluster",project=~"$project"})))`
	return newStat("Last read", "How long ago the runs shown here were read from Empirical. Red: the exporter does not serve them any more. "+
		"From empirical_exporter_snapshot_timestamp_seconds and empirical_project_info.", 3).
		WithTarget(atEnd("A", "Age", age)).
		Thresholds(levels(snapshotOld, snapshotStale)).
		Unit(units.Seconds).Decimals(0).
		NoValue("never")
}
