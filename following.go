package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/config"
)

// followingExporter is an exporter whose keys follow the files that have them.
type followingExporter struct {
	*collector.Exporter

	projects *config.Projects
}

// Refresh looks for changes of the files, then refreshes.
func (e *followingExporter) Refresh(ctx context.Context) {
	e.projects.Check()
	e.Exporter.Refresh(ctx)
}

// Reload reads the configuration file again.
func (e *followingExporter) Reload() error { return e.projects.Reload() }

// reloadOnHangup reloads at each SIGHUP until stop is called. Without a
// configuration file the signal does nothing.
func (e *followingExporter) reloadOnHangup() (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			_ = e.Reload() // it is logged
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
	}
}
