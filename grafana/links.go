package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// runPage returns the URL of a run's page in Empirical.
func runPage(project, run string) string {
	return "https://dash.empirical.run/" + project + "/test-runs/" + run
}

// toRun links a row of a table to the run in it.
func toRun(v view) dashboard.DashboardLink {
	return fieldLink("Open the run in Empirical", runPage(v.project, "${__data.fields.run_id}"), true)
}

// toEnvironment links the environment in a row of a table to its dashboard, with the same time range, branches and window. The
// value itself is taken, because the text of an empty one is "(none)".
func toEnvironment() dashboard.DashboardLink {
	return fieldLink("Open this environment", "/d/"+environmentUID+"?${__url_time_range}"+
		"&${datasource:queryparam}&var-project=${__data.fields.project:percentencode}"+
		"&${cluster:queryparam}&var-environment=(${__value.raw:percentencode})&${default_branch:queryparam}&${branch:queryparam}&${window:queryparam}", false)
}

func fieldLink(title, url string, blank bool) dashboard.DashboardLink {
	return dashboard.DashboardLink{Title: title, Url: &url, TargetBlank: blank, Type: dashboard.DashboardLinkTypeLink, Tags: []string{}}
}

// toDashboard is a link at the top of a dashboard to another one, with the variables that both have. It names them,
// because the environment has other values on each.
func toDashboard(title, uid string, variables ...string) *dashboard.DashboardLinkBuilder {
	var parameters []string
	for _, name := range append([]string{"datasource", "cluster"}, variables...) {
		parameters = append(parameters, "${"+name+":queryparam}")
	}
	return dashboard.NewDashboardLinkBuilder(title).
		Type(dashboard.DashboardLinkTypeLink).
		Icon("dashboard").
		Url("/d/" + uid + "?" + strings.Join(parameters, "&")).
		KeepTime(true)
}

// toTest links a row of a table to one test in the run of that row.
func toTest(v view) dashboard.DashboardLink {
	return fieldLink("Open the test in Empirical", runPage(v.project, "${__data.fields.run_id}")+"?test_id=${__data.fields.test_case_id}", true)
}

// toTestRuns links a row of a table to the dashboard of its project.
func toTestRuns() dashboard.DashboardLink {
	return fieldLink("Open this project", "/d/"+testRunsUID+"?${__url_time_range}&${datasource:queryparam}&${cluster:queryparam}"+
		"&${default_branch:queryparam}&var-project=${__data.fields.project:percentencode}", false)
}
