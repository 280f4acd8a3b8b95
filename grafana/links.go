package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// runPage returns the URL of a run's page in Empirical.
func runPage(project, run string) string {
	return "https://dash.empirical.run/" + project + "/test-runs/" + run
}

// toRun links a row of a table to the run in it.
func toRun(v view) dashboard.DashboardLink {
	return fieldLink("Open the run in Empirical", runPage(v.project, "${__data.fields.run_id}"), true)
}

// toEnvironment links a row of a table to the dashboard of its environment, with the same time range, branches and window.
func toEnvironment() dashboard.DashboardLink {
	return fieldLink("Open this environment", "/d/"+environmentUID+"?${__url_time_range}"+
		"&${datasource:queryparam}&var-project=${__data.fields.project:percentencode}"+
		"&var-environment=${__data.fields.environment:percentencode}&${branch:queryparam}&${window:queryparam}", false)
}

func fieldLink(title, url string, blank bool) dashboard.DashboardLink {
	return dashboard.DashboardLink{Title: title, Url: &url, TargetBlank: blank, Type: dashboard.DashboardLinkTypeLink, Tags: []string{}}
}

// toDashboard is a link at the top of a dashboard to another one.
func toDashboard(title, uid string) *dashboard.DashboardLinkBuilder {
	return dashboard.NewDashboardLinkBuilder(title).
		Type(dashboard.DashboardLinkTypeLink).
		Icon("dashboard").
		Url("/d/" + uid).
		KeepTime(true).
		IncludeVars(true)
}
