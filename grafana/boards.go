package main

// boards are the dashboards by the name of their file.
var boards = map[string]func() board{
	"test-runs.json":   testRuns,
	"environment.json": environment,
	"exporter.json":    exporter,
}

// The uids are part of links and bookmarks: one that has been released is kept.
const (
	testRunsUID    = "empirical-test-runs"
	environmentUID = "empirical-environment"
	exporterUID    = "empirical-exporter"
)
