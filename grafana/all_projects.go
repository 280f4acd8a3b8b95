package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// allProjects is the entry: is anything broken that matters, whose is it, since when, and is it getting better. It knows
// only default branches.
func allProjects() board {
	v := everyProject
	frame := newFrame(allProjectsUID, "Empirical / All projects",
		"A row for each project, by what needs attention. Default branches only.").
		Time("now-7d", "now").
		Refresh("1m").
		Link(toDashboard("Test runs", testRunsUID, "default_branch")).
		Link(toDashboard("The exporter itself", exporterUID)).
		WithVariable(datasourceVariable()).
		WithVariable(clusterVariable()).
		WithVariable(several("team", "Team", "Teams, where the configuration file of the exporter gives projects one.", `label_values(empirical_project_info{cluster=~"$cluster"}, team)`)).
		WithVariable(defaultBranchVariable()).
		WithVariable(objectiveVariable())
	return board{frame: frame, sections: []section{
		{"", []cog.Builder[dashboard.Panel]{
			projectsNotPassing(v), alertsBySeverity(v), passRateNow(v), passRate28Now(v, 6), longestQueue(v),
			projectTable(v), alertsNow(v.scope, 24, tallHeight),
		}},
		{"Over time", []cog.Builder[dashboard.Panel]{projectsByState(v), passRateByProject(v), queueByGroup(v, 24)}},
	}}
}
