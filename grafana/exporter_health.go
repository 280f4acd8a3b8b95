package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/text"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

func targetsUp() *stat.PanelBuilder {
	return newStat("Targets not scraped", "Exporters that Prometheus knows of and could not scrape last time. From up, which Prometheus itself makes.", 4).
		WithTarget(atEnd("A", "Down", "sum(1 - "+ofTarget("up")+")")).
		ColorMode(common.BigValueColorModeBackgroundSolid).
		Thresholds(anyIsBad()).Unit(units.Number).
		NoValue("no target")
}

func keysUp() *stat.PanelBuilder {
	return newStat("Keys failing", "API keys whose last refresh failed, or whose runs are too old to be served. From empirical_up.", 4).
		WithTarget(atEnd("A", "Down", "sum(1 - "+ofKey("empirical_up")+")")).
		ColorMode(common.BigValueColorModeBackgroundSolid).
		Thresholds(anyIsBad()).Unit(units.Number).
		NoValue("no key")
}

func oldestSnapshot() *stat.PanelBuilder {
	return newStat("Oldest snapshot", "How long ago the runs that are served were read, of the key where that is longest. "+
		"Red: longer than --scrape.max-staleness by default, so not served any more. From empirical_exporter_snapshot_timestamp_seconds.", 4).
		WithTarget(atEnd("A", "Age", "time() - min("+ofKey("empirical_exporter_snapshot_timestamp_seconds")+")")).
		Thresholds(levels(snapshotOld, snapshotStale)).Unit(units.Seconds).Decimals(0).
		NoValue("never read")
}

func failedRefreshes() *stat.PanelBuilder {
	return newStat("Failed refreshes", "Over refreshes that ended, in the chosen time range. "+
		"From empirical_exporter_refresh_failures_total and empirical_exporter_refreshes_total.", 4).
		WithTarget(atEnd("A", "Failed", "sum("+grown(ofKey("empirical_exporter_refresh_failures_total"))+") / (sum("+grown(ofKey("empirical_exporter_refreshes_total"))+") > 0)")).
		Thresholds(levels(refreshFailureWarning, refreshFailureCritical)).Unit(units.PercentUnit).Decimals(1).
		NoValue("no refresh")
}

// A refresh fails now and then when the API does. No alert uses these shares.
const (
	refreshFailureWarning  = 0.01
	refreshFailureCritical = 0.2
)

func refusedInRange() *stat.PanelBuilder {
	return newStat("Runs refused", "Items that could not be trusted and were left out, once for each refresh that met them, in the chosen time range. "+
		"From empirical_exporter_refused_runs_total.", 4).
		WithTarget(atEnd("A", "Refused", "round(sum("+grown(ofKey("empirical_exporter_refused_runs_total"))+"))")).
		Thresholds(levels(1)).Unit(units.Short).Decimals(0).
		NoValue("no key")
}

func foldedNow() *stat.PanelBuilder {
	return newStat("Groups folded", `Branches, each in one environment, that are counted together under branch="other" now. Yellow is not wrong: --runs.branch and `+
		"--runs.max-groups decide. From empirical_exporter_folded_groups.", 4).
		WithTarget(atEnd("A", "Folded", "sum(max by (key) ("+ofKey("empirical_exporter_folded_groups")+"))")).
		Thresholds(levels(1)).Unit(units.Short).Decimals(0).
		NoValue("no key")
}

// keyTable has a row for each key on each target.
func keyTable() *table.PanelBuilder {
	seconds := overrides(unit(units.Seconds), decimals(2))
	columns := []column{
		{field: "instance", title: "Instance", width: 125},
		{field: "key", title: "Key", width: 115},
		{field: "Value #A", title: "Works", width: 65, overrides: overrides(yesOrNo(), asColouredCell())},
		{field: "project", title: "Project", width: 115},
		{field: "name", title: "Name"},
		{field: "repo_name", title: "Repository"},
		{field: "Value #C", title: "Read", width: 70, overrides: overrides(unit(units.Seconds), decimals(0), coloured(levels(snapshotOld, snapshotStale)), asColouredText(), whenAbsent("never"))},
		{field: "Value #D", title: "Runs held", width: 80},
		{field: "Value #E", title: "Last refresh", width: 95, overrides: seconds},
		{field: "Value #F", title: "Folded", width: 65},
		{field: "Value #G", title: "Failures", width: 75, overrides: overrides(coloured(plainAboveZero(criticalColour)), asColouredText())},
		{field: "Value #H", title: "Refused", width: 75, overrides: overrides(coloured(plainAboveZero(warningColour)), asColouredText())},
	}
	each := func(expr string) string { return "sum by (job, instance, key) (" + expr + ")" }
	return newTable("Every key on every target", "Read: how long ago the runs that are served were read. Failures and refused runs: in the chosen time range. "+
		"From empirical_up, empirical_project_info, empirical_exporter_snapshot_timestamp_seconds, empirical_exporter_runs, "+
		"empirical_exporter_last_refresh_duration_seconds, empirical_exporter_folded_groups, empirical_exporter_refresh_failures_total and "+
		"empirical_exporter_refused_runs_total.", 24, 6, columns, "job", "Value #B").
		WithTarget(asRows("A", each(ofKey("empirical_up")))).
		WithTarget(asRows("B", "max by (job, instance, key, project, name, repo_name) ("+ofKey("empirical_project_info")+")")).
		WithTarget(asRows("C", "time() - "+each(ofKey("empirical_exporter_snapshot_timestamp_seconds")))).
		WithTarget(asRows("D", each(ofKey("empirical_exporter_runs")))).
		WithTarget(asRows("E", each(ofKey("empirical_exporter_last_refresh_duration_seconds")))).
		WithTarget(asRows("F", each(ofKey("empirical_exporter_folded_groups")))).
		WithTarget(asRows("G", "round("+each(grown(ofKey("empirical_exporter_refresh_failures_total")))+")")).
		WithTarget(asRows("H", "round("+each(grown(ofKey("empirical_exporter_refused_runs_total")))+")")).
		NoValue("No key")
}

func yesOrNo() dashboard.DynamicConfigValue {
	return mappings(valueMap(map[string]dashboard.ValueMappingResult{
		"0": {Text: cog.ToPtr("no"), Color: cog.ToPtr(criticalColour)},
		"1": {Text: cog.ToPtr("yes"), Color: cog.ToPtr(fineColour)},
	}))
}

func snapshotAge() *timeseries.PanelBuilder {
	graph := newComparison("Age of the snapshot", "How long ago the runs being served were read, at each moment. A steady climb is an exporter that cannot read the API; past "+
		"the red line it stops serving runs. Not more than ten lines: the oldest at the end of the time range. From empirical_exporter_snapshot_timestamp_seconds.", 14)
	return withLimits(graph, levels(snapshotOld, snapshotStale)).
		WithTarget(overTime("A", keyLegend, "time() - ("+lowestKeys("empirical_exporter_snapshot_timestamp_seconds")+")")).
		Unit(units.Seconds).AxisSoftMax(snapshotOld)
}

func whatToCheck() *text.PanelBuilder {
	return text.NewPanelBuilder().
		Title("When somebody says that the numbers are wrong").
		Description("The order in which to look, and what each panel of this dashboard tells.").
		Span(10).Height(comparisonHeight).
		Mode(text.TextModeMarkdown).
		Content(`1. **Is it read?** A key that does not work, or an old snapshot: see *Failures by reason*.
2. **Is it served?** *Scrapes* slow or not 200: Prometheus misses samples.
3. **Is it left out?** *Refused* items were not trusted; *folded* branches are under ` + "`branch=\"other\"`" + `.
4. **Is it the window?** Windows end now and go by when a run was **created**; runs older than ` + "`--runs.lookback`" + ` are gone.
5. **Gauge or counter?** Gauges are exact. Counters begin when the exporter does and show a new branch ` + "`--runs.zero-hold`" + ` late.
6. **Doubled?** Two replicas report the same runs: take ` + "`max`" + ` over them, not ` + "`sum`" + `.`)
}
