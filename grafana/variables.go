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

// listed returns a variable for any number of values of a label, all by default. "All" is the list of these values, so it
// chooses no series but those that have one of them.
func listed(name, label, description, query string) *dashboard.QueryVariableBuilder {
	return single(name, label, description, query).
		Multi(true).
		IncludeAll(true).
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}

// several is the same for a label that may be empty. "All" is .* because a list of values would not have the empty one.
func several(name, label, description, query string) *dashboard.QueryVariableBuilder {
	return listed(name, label, description, query).AllValue(".*")
}

// written returns a variable that the reader writes.
func written(name, label, description, value string) *dashboard.TextBoxVariableBuilder {
	return dashboard.NewTextBoxVariableBuilder(name).
		Label(label).
		Description(description).
		DefaultValue(dashboard.StringOrMap{String: &value}).
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{String: &value},
			Value: dashboard.StringOrArrayOfString{String: &value},
		})
}

// clusterVariable has values where series carry the label cluster, as those of several Prometheus servers often do.
func clusterVariable() *dashboard.QueryVariableBuilder {
	return several("cluster", "Cluster", "The label cluster of the series, where they have one.", "label_values(empirical_up, cluster)")
}

func windowVariable() *dashboard.QueryVariableBuilder {
	return single("window", "Window",
		"The window of the exact figures, as --runs.window spells it. It ends now and goes by when a run was created.",
		`label_values(empirical_recent_runs{cluster=~"$cluster",project=~"$project"}, window)`)
}

// defaultBranchVariable has the expression that the shipped rules begin with.
func defaultBranchVariable() *dashboard.TextBoxVariableBuilder {
	return written("default_branch", "Default branches", "A regular expression of the branches in front, which must be green. All others are feature branches, in the lower part. "+
		"Write main|master|develop, for example, or main| to add runs without a branch.", "main|master")
}

func branchVariable(scope string) *dashboard.QueryVariableBuilder {
	return several("branch", "Feature branches", "Branches of the test repository in the lower part. other: those the exporter counts together.",
		"label_values(empirical_runs{"+scope+`,branch!~"$default_branch"}, branch)`)
}

// environmentVariable is for one environment, or none. Its values are regular expressions in brackets, because () matches
// the empty label, while Grafana does not offer an empty value.
func environmentVariable() *dashboard.QueryVariableBuilder {
	environments := `group by (environment) (last_over_time(empirical_runs{cluster=~"$cluster",project="$project",state="ended"}[1h]))`
	query := `query_result(label_replace(label_replace(label_replace(` + environments +
		`, "text", "$1", "environment", "(.+)"), "text", "` + noLabel + `", "environment", ""), "value", "($1)", "environment", "(.*)"))`
	return single("environment", "Environment", "One environment of the project, by slug. "+noLabel+": runs without one.", query).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 3, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}}).
		Regex(`/text="(?<text>[^"]*)|value="(?<value>[^"]*)/g`)
}

func objectiveVariable() *dashboard.TextBoxVariableBuilder {
	return written("objective", "Objective, %", "How many percent of the runs on default branches should pass, over 28 days.", "95")
}

// deploysVariable is off until the reader gives an expression: never is the name of a metric that is not there.
func deploysVariable() *dashboard.TextBoxVariableBuilder {
	return written("deploys", "Deploys", "An expression whose values are the times of deploys, in seconds since 1970. Each is marked on the graphs. "+
		`With kube-state-metrics: kube_replicaset_created{namespace="shop"}. The default marks none.`, "never")
}
