package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// column is one column of a table: its field, its title and its field overrides.
type column struct {
	field     string
	title     string
	width     int // pixels; 0 is a share of the rest
	overrides []dashboard.DynamicConfigValue
}

// newTable makes a table from several queries, joined by the labels they have in common. The given fields are hidden.
func newTable(title, description string, width, height uint32, columns []column, hidden ...string) *table.PanelBuilder {
	panel := table.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(datasource()).
		Span(width).
		Height(height).
		Unit(units.NoUnit). // a column may have its own
		CellHeight(common.TableCellHeightSm).
		MinWidth(80).
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(arrange(columns, hidden))
	for _, column := range columns {
		panel.OverrideByName(column.title, column.properties())
	}
	return panel
}

// properties returns the field overrides of a column. An empty cell shows a dash; by default it would show the text for
// an empty table.
func (c column) properties() []dashboard.DynamicConfigValue {
	properties := overrides(whenAbsent("–"))
	if c.width > 0 {
		properties = append(properties, dashboard.DynamicConfigValue{Id: "custom.width", Value: c.width})
	}
	return append(properties, c.overrides...)
}

// sortedBy sorts a table by one column, the highest first.
func sortedBy(panel *table.PanelBuilder, title string) *table.PanelBuilder {
	return panel.SortBy([]cog.Builder[common.TableSortByFieldState]{
		common.NewTableSortByFieldStateBuilder().DisplayName(title).Desc(true),
	})
}

func arrange(columns []column, hidden []string) dashboard.DataTransformerConfig {
	exclude := map[string]bool{"Time": true}
	for _, field := range hidden {
		exclude[field] = true
	}
	order, titles := map[string]int{}, map[string]string{}
	for index, column := range columns {
		order[column.field] = index
		titles[column.field] = column.title
	}
	return dashboard.DataTransformerConfig{
		Id:      "organize",
		Options: map[string]any{"excludeByName": exclude, "indexByName": order, "renameByName": titles},
	}
}
