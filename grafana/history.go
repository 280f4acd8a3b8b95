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
func outcomeHistory(v view, title string, height uint32) *statetimeline.PanelBuilder {
	var queries []string
	results := map[string]dashboard.ValueMappingResult{}
	for index, outcome := range completedOutcomes {
		number := strconv.Itoa(index + 1)
		queries = append(queries, number+" * max by (branch) ("+v.series("empirical_last_completed_run_info", `outcome="`+outcome+`"`)+")")
		results[number] = dashboard.ValueMappingResult{Text: cog.ToPtr(outcome), Color: cog.ToPtr(outcomeColours[outcome])}
	}
	end := v
	end.end = true
	newestRun := "max by (branch) (" + end.series("empirical_last_run_created_timestamp_seconds") + ")"
	return statetimeline.NewPanelBuilder().
		Title(title).
		Description("The outcome of the newest completed run of each branch, at each moment; of the ten branches with the newest runs at the end of the time range. " +
			"From empirical_last_completed_run_info and empirical_last_run_created_timestamp_seconds.").
		Datasource(datasource()).
		Span(24).Height(height).
		MaxDataPoints(mostPoints).
		WithTarget(overTime("A", v.legend, "("+strings.Join(queries, " or ")+") and on (branch) topk("+strconv.Itoa(most)+", "+newestRun+")")).
		Unit(units.NoUnit).
		Mappings([]dashboard.ValueMapping{valueMap(results)}).
		MergeValues(true).
		RowHeight(0.8).
		LineWidth(0).
		FillOpacity(85).
		ShowValue(common.VisibilityModeNever).
		Legend(legend()).
		NoValue("No completed run")
}

// streaks shows which branches are broken for long, and which break again and again.
func streaks(v view) *timeseries.PanelBuilder {
	graph := newComparison("Failing streak by branch", "Completed runs in a row that did not pass, at each moment. The dashed line is where the alert speaks. "+
		highestMeaning+"From empirical_failing_streak_runs.", 12)
	return withLimits(graph, levels(streakWarning)).
		WithTarget(overTime("A", v.legend, v.highest(func(v view) string {
			return "max by (branch) (" + v.series("empirical_failing_streak_runs") + ")"
		}))).
		Unit(units.Short).Decimals(0).AxisSoftMax(streakWarning)
}
