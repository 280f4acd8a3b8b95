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
		Link(toDashboard("All projects", allProjectsUID)).
		Link(toDashboard("Test runs", testRunsUID)).
		WithVariable(datasourceVariable()).
		WithVariable(clusterVariable()).
		WithVariable(listed("job", "Job", "Scrape jobs of the exporter.", `label_values(empirical_up{cluster=~"$cluster"}, job)`)).
		WithVariable(listed("instance", "Instance", "Replicas of the exporter.", `label_values(empirical_up{cluster=~"$cluster",job=~"$job"}, instance)`)).
		WithVariable(listed("key", "Key", "API keys, by the name that --api.key-file gives them.",
			`label_values(empirical_up{cluster=~"$cluster",job=~"$job",instance=~"$instance"}, key)`))
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
	return metric + "{" + strings.Join(append([]string{`cluster=~"$cluster"`, `job=~"$job"`, `instance=~"$instance"`}, matchers...), ",") + "}"
}

// ofKey selects a metric that a target has for each API key.
func ofKey(metric string) string { return ofTarget(metric, `key=~"$key"`) }

// highestKeys keeps the ten keys whose metric is highest at the end of the time range, lowestKeys those where it is lowest.
func highestKeys(metric string) string {
	return chosen("topk", ofKey(metric), ofKey(metric)+" @ end()")
}

func lowestKeys(metric string) string {
	return chosen("bottomk", ofKey(metric), ofKey(metric)+" @ end()")
}

// grown returns how much a counter grew over the time range of the dashboard.
func grown(counter string) string { return "increase(" + counter + "[$__range])" }

// perMinute returns how fast a counter grows.
func perMinute(counter string) string { return "60 * rate(" + counter + "[$__rate_interval])" }

const keyLegend = "{{key}} on {{instance}}"
