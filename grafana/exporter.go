package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// exporter shows what the exporter itself does, for whoever doubts the numbers. It keeps replicas apart, because each
// reads the API for itself.
func exporter() board {
	frame := newFrame(exporterUID, "Empirical / The exporter itself",
		"Whether the exporter reads Empirical's API, how it fares, and what it leaves out.").
		Time("now-6h", "now").
		Refresh("1m").
		Link(toDashboard("Test runs", testRunsUID)).
		WithVariable(datasourceVariable()).
		WithVariable(several("job", "Job", "Scrape jobs of the exporter.", "label_values(empirical_up, job)")).
		WithVariable(several("instance", "Instance", "Replicas of the exporter.", `label_values(empirical_up{job=~"$job"}, instance)`)).
		WithVariable(several("key", "Key", "API keys, by the name that --api.key-file gives them.",
			`label_values(empirical_up{job=~"$job",instance=~"$instance"}, key)`))
	return board{frame: frame, sections: []section{
		{"", []cog.Builder[dashboard.Panel]{
			targetsUp(), keysUp(), oldestSnapshot(), failedRefreshes(), refusedInRange(), foldedNow(), keyTable(), snapshotAge(), whatToCheck(),
		}},
		{"Empirical's API", []cog.Builder[dashboard.Panel]{
			requestsByCode(), requestLatency(), refreshDuration(), failuresByReason(),
		}},
		{"What is held, and what is left out", []cog.Builder[dashboard.Panel]{runsHeld(), refusedByReason(), foldedOverTime(), upOverTime()}},
		{"Scrapes", []cog.Builder[dashboard.Panel]{scrapeDuration(), scrapeSeries(), scrapesByCode()}},
		{"Process", []cog.Builder[dashboard.Panel]{memory(), cpu(), goroutines(), descriptors()}},
	}}
}

// ofTarget selects a metric that a target has once.
func ofTarget(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, `instance=~"$instance"`}, matchers...), ",") + "}"
}

// ofKey selects a metric that a target has for each API key.
func ofKey(metric string) string { return ofTarget(metric, `key=~"$key"`) }

// grown returns how much a counter grew over the time range of the dashboard.
func grown(counter string) string { return "increase(" + counter + "[$__range])" }

// perMinute returns how fast a counter grows.
func perMinute(counter string) string { return "60 * rate(" + counter + "[$__rate_interval])" }

const keyLegend = "{{key}} on {{instance}}"
