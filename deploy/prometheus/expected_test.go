package prometheus_test

import (
	"fmt"
	"maps"
)

// expected has the alerts that must arrive, by their labels, each with a part of
// its description: the link to a run, or a reason.
type expected map[string]string

// labels returns the labels of an alert, further ones given as pairs of name and value.
func labels(alert, severity string, pairs ...string) map[string]string {
	all := map[string]string{"alertname": alert, "severity": severity, "job": "empirical_exporter"}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// scrapers has the addresses of the exporters.
type scrapers struct {
	first, second, mobile string
}

// add adds an alert twice: as the plain Prometheus servers send it, and as the one
// sends it whose target labels rename the exporter's own.
func (e expected) add(says string, alert map[string]string) {
	renamed := maps.Clone(alert)
	renamed["project"], renamed["exported_project"] = "qa", alert["project"]
	if environment, there := alert["environment"]; there {
		renamed["environment"], renamed["exported_environment"] = "prod", environment
	}
	e[text(renamed)] = says
	plain := maps.Clone(alert)
	plain["team"] = "payments"
	e[text(plain)] = says
}

// addExporter adds an alert for each exporter that has the key.
func (e expected) addExporter(s scrapers, says string, alert map[string]string) {
	for _, instance := range []string{s.first, s.second} {
		plain := maps.Clone(alert)
		plain["instance"] = instance
		e[text(plain)] = says
	}
	renamed := maps.Clone(alert)
	renamed["instance"], renamed["environment"], renamed["project"] = s.first, "prod", "qa"
	e[text(renamed)] = says
}

// inTrouble returns the alerts on the world as newWorld makes it.
func inTrouble(w *world, s scrapers) expected {
	e := expected{}
	link := func(id int64) string { return fmt.Sprintf("https://dash.empirical.run/checkout/test-runs/%d", id) }
	group := func(alert, severity, environment string, more ...string) {
		pairs := append([]string{"project", "checkout", "branch", "main", "environment", environment}, more...)
		e.add(link(w.last[environment]), labels(alert, severity, pairs...))
	}
	group("EmpiricalRunFailureRatioHigh", "warning", "failing", "window", "1d")
	group("EmpiricalRunFailureRatioHigh", "critical", "failing", "window", "1d")
	group("EmpiricalTestFailureRatioHigh", "warning", "failing", "window", "1d")
	group("EmpiricalFailingStreak", "warning", "streak")
	group("EmpiricalNoPassedRun", "critical", "nopass")
	group("EmpiricalNoRun", "warning", "silent")
	group("EmpiricalFlakyRatioHigh", "warning", "flaky", "window", "7d")
	group("EmpiricalFlakyRatioRisen", "warning", "flakier")
	group("EmpiricalRunDurationRisen", "warning", "slow")
	group("EmpiricalMergeConflict", "warning", "conflict", "window", "1d", "error_code", "merge_conflict")
	for code, alert := range errorCodes {
		e.add(link(w.last[code]), labels(alert, "warning", "project", "checkout", "window", "1d", "error_code", code))
	}
	for state, alert := range map[string]string{
		"pending": "EmpiricalRunStuckPending", "queued": "EmpiricalRunStuckQueued",
		"started": "EmpiricalRunStuckStarted", "cancelling": "EmpiricalRunStuckCancelling",
	} {
		e.add(link(w.stuck[state]), labels(alert, "warning", "project", "checkout", "state", state))
	}
	e.add(link(w.stuck["pending"]), labels("EmpiricalQueueBackedUp", "warning", "project", "checkout"))

	e.addExporter(s, "Reason: server.", labels("EmpiricalAPINotAnswering", "warning", "key", "search"))
	e.addExporter(s, "Reason: unauthorized.", labels("EmpiricalAPINotAnswering", "warning", "key", "payments"))
	e.addExporter(s, "of project payments ", labels("EmpiricalKeyRejected", "critical", "key", "payments", "reason", "unauthorized"))
	e.addExporter(s, "key search", labels("EmpiricalSnapshotStale", "warning", "key", "search"))
	e.addExporter(s, "key payments", labels("EmpiricalSnapshotStale", "warning", "key", "payments"))
	e.addExporter(s, "Reason: created_at.", labels("EmpiricalRunsRefused", "warning", "key", "checkout", "reason", "created_at"))
	e[text(labels("EmpiricalBranchesFolded", "info", "key", "mobile", "instance", s.mobile))] = "1 groups"
	e[text(labels("EmpiricalWindowMissing", "warning", "project", "mobile", "state", "ended"))] = "--runs.window=1d"
	return e
}

// withoutExporters returns the alerts that fire when no exporter runs.
func withoutExporters(s scrapers) expected {
	e := expected{}
	e.addExporter(s, "has not answered", labels("EmpiricalExporterDown", "warning"))
	e[text(labels("EmpiricalExporterDown", "warning", "instance", s.mobile))] = "has not answered"
	e[text(labels("EmpiricalExporterGone", "critical"))] = "job empirical_exporter"
	e[text(labels("EmpiricalExporterGone", "critical", "environment", "prod", "project", "qa"))] = "job empirical_exporter"
	return e
}
