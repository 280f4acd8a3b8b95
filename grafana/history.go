package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// completedOutcomes has the outcomes of completed runs. outcomeHistory numbers them in this order.
var completedOutcomes = []string{"passed", "failed", "error"}

// outcomeHistory has a band for each branch, with the outcome of its last completed run at each moment.
func outcomeHistory(v view) *statetimeline.PanelBuilder {
	var queries []string
	results := map[string]dashboard.ValueMappingResult{}
	for index, outcome := range completedOutcomes {
		number := strconv.Itoa(index + 1)
		queries = append(queries, number+" * max by (branch) ("+v.series("empirical_last_completed_run_info", `outcome="`+outcome+`"`)+")")
		results[number] = dashboard.ValueMappingResult{Text: cog.ToPtr(outcome), Color: cog.ToPtr(outcomeColours[outcome])}
	}
	return statetimeline.NewPanelBuilder().
		Title("When each branch was green").
		Description("The outcome of the newest completed run of each branch, at each moment. From empirical_last_completed_run_info.").
		Datasource(datasource()).
		Span(24).Height(tallHeight).
		WithTarget(overTime("A", v.legend, strings.Join(queries, " or "))).
		Unit(units.NoUnit).
		Mappings([]dashboard.ValueMapping{valueMap(results)}).
		MergeValues(true).
		RowHeight(0.8).
		LineWidth(0).
		FillOpacity(85).
		ShowValue(common.VisibilityModeNever).
		Legend(legend(common.LegendPlacementBottom)).
		NoValue("No completed run")
}

// streaks shows which branches are broken for long, and which break again and again.
func streaks(v view) *timeseries.PanelBuilder {
	graph := newGraph("Failing streak by branch", "Completed runs in a row that did not pass, at each moment. The dashed line is where the alert speaks. "+
		"From empirical_failing_streak_runs.", 12)
	return withLimits(graph, levels(streakWarning)).
		WithTarget(overTime("A", v.legend, "max by (branch) ("+v.series("empirical_failing_streak_runs")+")")).
		Unit(units.Short).Decimals(0).AxisSoftMax(streakWarning).
		Legend(legend(v.legendPlacement))
}
