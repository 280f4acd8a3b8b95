package prometheus_test

import "fmt"

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

// add adds an alert of the project checkout, which has a team. All Prometheus servers
// send it alike, also the one whose target labels rename the exporter's own.
func (e expected) add(says string, alert map[string]string) {
	if alert["project"] == "checkout" {
		alert["team"] = "payments"
	}
	e[text(alert)] = says
}

// inTrouble returns the alerts on the world as newWorld and breakRuns make it.
func inTrouble(w *world) expected {
	e := expected{}
	link := func(id int64) string { return fmt.Sprintf("https://dash.empirical.run/checkout/test-runs/%d", id) }
	for environment, alert := range map[string]string{
		"failing": "EmpiricalRunFailureRatioHigh", "streak": "EmpiricalFailingStreak", "silent": "EmpiricalNoRun",
		"flaky": "EmpiricalFlakyRatioHigh", "flakier": "EmpiricalFlakyRatioRisen", "slow": "EmpiricalRunDurationRisen",
	} {
		e.add(link(w.last[environment]), labels(alert, "warning", "project", "checkout", "branch", "main", "environment", environment))
	}
	e.add(link(w.last["nopass"]), labels("EmpiricalNoPassedRun", "critical", "project", "checkout", "branch", "main", "environment", "nopass"))
	e.add(link(w.last["errors"]), labels("EmpiricalRunErrors", "warning", "project", "checkout", "error_code", "dispatch_failed"))
	for state, id := range w.stuck {
		e.add(link(id), labels("EmpiricalRunStuck", "warning", "project", "checkout", "state", state))
	}
	e.add(link(w.stuck["pending"]), labels("EmpiricalQueueBackedUp", "warning", "project", "checkout"))

	for key, reason := range map[string]string{"search": "Reason: server.", "payments": "Reason: unauthorized."} {
		e.add(reason, labels("EmpiricalAPINotAnswering", "warning", "key", key, "project", key))
		e.add("no refresh", labels("EmpiricalProjectUnseen", "critical", "project", key))
	}
	e.add("of project payments, or", labels("EmpiricalKeyRejected", "critical", "key", "payments", "project", "payments"))
	e.add("--runs.window=1d", labels("EmpiricalWindowMissing", "warning", "project", "mobile"))
	return e
}

// withoutExporters returns the alerts that fire when no exporter runs.
func withoutExporters(s scrapers) expected {
	e := expected{}
	for _, instance := range []string{s.first, s.second, s.mobile} {
		e.add("has not answered", labels("EmpiricalExporterDown", "warning", "instance", instance))
	}
	e.add("job empirical_exporter", labels("EmpiricalExporterGone", "critical"))
	for _, project := range []string{"checkout", "payments", "search", "mobile"} {
		e.add("No exporter has a key", labels("EmpiricalProjectGone", "critical", "project", project))
	}
	return e
}
