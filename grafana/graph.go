package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

const (
	// mostPoints is how many points a line has at most, so that a query costs the same on a wide screen.
	mostPoints = 400
	sparkline  = 100 // behind a figure

	graphHeight = 8
	tallHeight  = 10 // for many bars or a long legend

	comparisonHeight = 10 // for as many rows of a legend as there are lines
)

// newGraph makes a graph of lines over time. A failed scrape stays a gap.
func newGraph(title, description string, width uint32) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(datasource()).
		Span(width).
		Height(graphHeight).
		MaxDataPoints(mostPoints).
		LineWidth(2).
		FillOpacity(8).
		ShowPoints(common.VisibilityModeNever).
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(false)}).
		AxisSoftMin(0).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		Legend(legend()).
		Tooltip(common.NewVizTooltipOptionsBuilder().
			Mode(common.TooltipDisplayModeMulti).
			Sort(common.SortOrderDescending))
}

// legend lists a few lines below a graph.
func legend() *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().
		ShowLegend(true).
		DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom)
}

// tableLegend has a row for each of many lines, with its last value, in the order of these.
func tableLegend(highestFirst bool) *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().
		ShowLegend(true).
		DisplayMode(common.LegendDisplayModeTable).
		Placement(common.LegendPlacementRight).
		Calcs([]string{"lastNotNull"}).
		SortBy("Last *").
		SortDesc(highestFirst)
}

// newComparison makes a graph with a line for each branch or project, or for the highest of them.
func newComparison(title, description string, width uint32) *timeseries.PanelBuilder {
	return newGraph(title, description, width).Legend(tableLegend(true)).Height(comparisonHeight).LineWidth(1).FillOpacity(0)
}

// stacked stacks the series of a graph, for parts of a sum.
func stacked(graph *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return graph.
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A")).
		LineWidth(0). // a line of zeros would cover the part below it
		FillOpacity(70)
}

// bars draws a graph as stacked bars, for what happened within each step.
func bars(graph *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return stacked(graph).
		DrawStyle(common.GraphDrawStyleBars).
		FillOpacity(85).
		BarAlignment(common.BarAlignmentAfter)
}

// withLimits draws the thresholds of alerts as dashed lines.
func withLimits(graph *timeseries.PanelBuilder, limits *dashboard.ThresholdsConfigBuilder) *timeseries.PanelBuilder {
	return graph.
		Thresholds(limits).
		ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
}

// withColours gives each named line its colour.
func withColours(graph *timeseries.PanelBuilder, names []string, colours map[string]string) *timeseries.PanelBuilder {
	for _, name := range names {
		graph.OverrideByName(name, []dashboard.DynamicConfigValue{fixed(colours[name])})
	}
	return graph
}

func fixed(colour string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{
		Id:    "color",
		Value: dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: cog.ToPtr(colour)},
	}
}

// dashed draws a line that others are compared with.
func dashed(colour string) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{
		fixed(colour),
		{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{8, 6}}},
		{Id: "custom.fillOpacity", Value: 0},
		{Id: "custom.lineWidth", Value: 1},
	}
}
