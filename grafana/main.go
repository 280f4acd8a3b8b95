// Command grafana writes the exporter's Grafana dashboards as JSON.
//
// Run it in its own directory with `go run .`. The JSON is committed, so that people can import a dashboard without Go. A
// test fails when it is out of date.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// directory is where the JSON is, relative to this module.
const directory = "dashboards"

// boards has the dashboards by the names of their files.
var boards = map[string]func() board{
	"all-projects.json": allProjects,
	"test-runs.json":    testRuns,
	"environment.json":  environment,
	"exporter.json":     exporter,
}

// The uids are part of links and bookmarks, so they never change.
const (
	allProjectsUID = "empirical-all-projects"
	testRunsUID    = "empirical-test-runs"
	environmentUID = "empirical-environment"
	exporterUID    = "empirical-exporter"
)

func main() {
	if err := write(directory); err != nil {
		fmt.Fprintf(os.Stderr, "dashboards not written: %v\n", err)
		os.Exit(1)
	}
}

func write(directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for file, build := range boards {
		text, err := encode(build())
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(directory, file), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
