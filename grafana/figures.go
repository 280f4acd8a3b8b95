package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

const statHeight = 4

// sideBySide arranges a panel of two figures.
func sideBySide(panel *stat.PanelBuilder) *stat.PanelBuilder {
	return panel.
		Orientation(common.VizOrientationVertical).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(14).ValueSize(40))
}

// newStat makes a panel with a large figure.
func newStat(title, description string, width uint32) *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(datasource()).
		Span(width).
		Height(statHeight).
		MaxDataPoints(sparkline).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		GraphMode(common.BigValueGraphModeNone).
		ColorMode(common.BigValueColorModeValue).
		TextMode(common.BigValueTextModeAuto).
		JustifyMode(common.BigValueJustifyModeCenter).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Thresholds(plain(neutralColour))
}

// newBarGauge makes a panel with one bar for each series.
func newBarGauge(title, description string, width uint32) *bargauge.PanelBuilder {
	return bargauge.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(datasource()).
		Span(width).
		Height(graphHeight).
		Orientation(common.VizOrientationHorizontal).
		DisplayMode(common.BarGaugeDisplayModeBasic).
		ValueMode(common.BarGaugeValueModeText).
		ShowUnfilled(true).
		Text(common.NewVizTextDisplayOptionsBuilder().TitleSize(14).ValueSize(18)).
		Min(0).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Thresholds(plain(neutralColour))
}
