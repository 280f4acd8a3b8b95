package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// datasourceUID is the data source that the reader chooses at the top of the dashboard.
const datasourceUID = "${datasource}"

func datasource() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr(datasourceUID)}
}

func datasourceVariable() *dashboard.DatasourceVariableBuilder {
	return dashboard.NewDatasourceVariableBuilder("datasource").
		Label("Data source").
		Description("The Prometheus that scrapes the exporter.").
		Type("prometheus")
}

// single returns a variable for one value of a label.
func single(name, label, description, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).
		Label(label).
		Description(description).
		Datasource(datasource()).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}}).
		Definition(query).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortNaturalAsc)
}

// several returns a variable for any number of values of a label, all by default. "All" is .* because a run may have no
// branch or environment, and a list of values would not have the empty one.
func several(name, label, description, query string) *dashboard.QueryVariableBuilder {
	return single(name, label, description, query).
		Multi(true).
		IncludeAll(true).
		AllValue(".*").
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}

func windowVariable() *dashboard.QueryVariableBuilder {
	return single("window", "Window",
		"The window of the exact figures, as --runs.window spells it. It ends now and goes by when a run was created.",
		`label_values(empirical_recent_runs{project=~"$project"}, window)`)
}
