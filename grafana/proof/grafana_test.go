package proof

import (
	"slices"
	"testing"
)

// What the oldest supported Grafana, 11.0, has of what dashboards could use.
const oldestSchema = 39

var (
	oldPanels     = []string{"row", "text", "stat", "timeseries", "table", "bargauge", "heatmap", "state-timeline"}
	oldTransforms = []string{"merge", "organize"}
	oldVariables  = []string{"datasource", "query", "textbox"}
	oldProperties = []string{
		"color", "custom.cellOptions", "custom.fillOpacity", "custom.lineStyle", "custom.lineWidth", "custom.width",
		"decimals", "links", "mappings", "min", "noValue", "thresholds", "unit",
	}
)

// TestDashboards_OldestGrafana compares what the dashboards use with what the oldest supported Grafana has.
func TestDashboards_OldestGrafana(t *testing.T) {
	for _, d := range everyDashboard(t) {
		has := func(what string, old []string, name string) {
			if !slices.Contains(old, name) {
				t.Errorf("%s uses the %s %q: see whether Grafana 11.0 has it, and add it here", d.File, what, name)
			}
		}
		if d.Schema > oldestSchema {
			t.Errorf("%s has the schema %d of a newer Grafana, want %d at most", d.File, d.Schema, oldestSchema)
		}
		for _, v := range d.Templating.List {
			has("variable type", oldVariables, v.Type)
		}
		for _, panel := range d.Panels {
			has("panel type", oldPanels, panel.Type)
			for _, transformation := range panel.Transformations {
				has("transformation", oldTransforms, transformation.ID)
			}
			for _, override := range panel.FieldConfig.Overrides {
				for _, property := range override.Properties {
					has("field override", oldProperties, property.ID)
				}
			}
		}
	}
}
