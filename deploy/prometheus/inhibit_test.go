package prometheus_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// kubePrometheus has the inhibitions that kube-prometheus loads for everybody.
const kubePrometheus = `
  - source_matchers: [severity="critical"]
    target_matchers: [severity=~"warning|info"]
    equal: [namespace, alertname]
  - source_matchers: [severity="warning"]
    target_matchers: [severity="info"]
    equal: [namespace, alertname]
  - source_matchers: [alertname="InfoInhibitor"]
    target_matchers: [severity="info"]
    equal: [namespace]
`

// inhibition is an alert, those that it holds back, and those that are sent all the same.
type inhibition struct {
	source     map[string]string
	held, sent []map[string]string
}

func inhibitions() map[string]inhibition {
	ours := func(alert, severity string, pairs ...string) map[string]string {
		return labels(alert, severity, append([]string{"namespace", "monitoring", "cluster", "a", "service", "a"}, pairs...)...)
	}
	main := []string{"project", "checkout", "branch", "main", "environment", "production"}
	return map[string]inhibition{
		"a shared outage holds back all others of the exporter": {
			source: ours("EmpiricalSharedOutage", "critical"),
			held:   []map[string]string{ours("EmpiricalFailingStreak", "warning", main...), ours("EmpiricalProjectUnseen", "critical", "project", "shop")},
			sent:   []map[string]string{ours("EmpiricalRulesInconsistent", "warning", "reason", "two_copies")},
		},
		"a critical alert of one project holds back no warning of another": {
			source: ours("EmpiricalNoPassedRun", "critical", main...),
			held:   []map[string]string{ours("EmpiricalFailingStreak", "warning", main...)},
			sent: []map[string]string{
				ours("EmpiricalFailingStreak", "warning", "project", "shop", "branch", "main", "environment", "production"),
				ours("EmpiricalNoRun", "warning", main...),
			},
		},
		"a project that nobody reads": {
			source: ours("EmpiricalProjectGone", "critical", "project", "checkout"),
			held:   []map[string]string{ours("EmpiricalFailingStreak", "warning", main...)},
			sent:   []map[string]string{ours("EmpiricalFailingStreak", "warning", "project", "shop")},
		},
		"a rejected key": {
			source: ours("EmpiricalKeyRejected", "critical", "key", "new"),
			held:   []map[string]string{ours("EmpiricalAPINotAnswering", "warning", "key", "new")},
			sent:   []map[string]string{ours("EmpiricalAPINotAnswering", "warning", "key", "old"), ours("EmpiricalProjectUnseen", "critical", "project", "checkout")},
		},
		"a queue": {
			source: ours("EmpiricalQueueBackedUp", "warning", "project", "checkout"),
			held:   []map[string]string{ours("EmpiricalRunStuck", "warning", "project", "checkout", "state", "queued"), ours("EmpiricalQueueTimeHigh", "warning", "project", "checkout")},
			sent:   []map[string]string{ours("EmpiricalRunStuck", "warning", "project", "checkout", "state", "started")},
		},
		"no exporter": {
			source: ours("EmpiricalExporterGone", "critical"),
			held:   []map[string]string{ours("EmpiricalExporterDown", "warning", "instance", "a:10071")},
			sent:   []map[string]string{ours("EmpiricalRulesInconsistent", "warning", "reason", "two_copies")},
		},
	}
}

// TestInhibitions sends alerts of these rules and of others to a real Alertmanager
// with the example configuration and the inhibitions of kube-prometheus. It checks
// which of them are held back.
func TestInhibitions(t *testing.T) {
	for name, test := range inhibitions() {
		t.Run(name, func(t *testing.T) {
			foreign := elsewhere(test.held)
			want := map[string]bool{text(test.source): false}
			for _, held := range test.held {
				want[text(held)] = true
			}
			for _, sent := range append(test.sent, foreign...) {
				want[text(sent)] = false
			}
			alertmanager := startExample(t)
			alertmanager.post(t, append(append(append([]map[string]string{test.source}, test.held...), test.sent...), foreign...))
			await(t, "the alerts to be held back as they should be", func() bool { return cmp.Equal(want, alertmanager.inhibited(t)) })
			if t.Failed() {
				t.Log(cmp.Diff(want, alertmanager.inhibited(t)))
			}
		})
	}
}

// TestRoutes_OneMessage sends warnings of many projects with one cause to a real
// Alertmanager with the example configuration. Each receiver gets one message.
func TestRoutes_OneMessage(t *testing.T) {
	alertmanager := startExample(t)
	var all []map[string]string
	for _, project := range []string{"checkout", "shop", "search"} {
		alert := labels("EmpiricalAPINotAnswering", "warning", "project", project, "key", project)
		ofTeam := maps.Clone(alert)
		ofTeam["team"] = "payments"
		all = append(all, alert, ofTeam)
	}
	alertmanager.post(t, all)
	want := map[string]int{"payments-chat": 3, "team-chat": 3}
	await(t, "one message to each receiver", func() bool { return cmp.Equal(want, alertmanager.messages(t)) })
	if t.Failed() {
		t.Log(cmp.Diff(want, alertmanager.messages(t)))
	}
}

// elsewhere returns alerts of others, like those that are held back: whatever these
// rules tell, other teams, clusters and exporters are told theirs.
func elsewhere(held []map[string]string) []map[string]string {
	foreign := []map[string]string{
		{"alertname": "KubePodCrashLooping", "severity": "warning", "namespace": "monitoring", "cluster": "a", "job": "empirical_exporter", "project": "checkout"},
		{"alertname": "TargetDown", "severity": "warning", "namespace": "monitoring", "job": "empirical_exporter"},
	}
	for _, alert := range held {
		for _, other := range []string{"namespace", "cluster", "service", "job"} {
			like := maps.Clone(alert)
			like[other] = "elsewhere"
			foreign = append(foreign, like)
		}
	}
	return foreign
}

// startExample starts an Alertmanager with the example configuration, and with the
// inhibitions of kube-prometheus beside its own.
func startExample(t *testing.T) server {
	t.Helper()
	binary, err := testproc.Installed("prometheus-alertmanager", "ALERTMANAGER")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), testproc.MustFreeAddress(t)
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, strings.TrimRight(read(t, "alertmanager.yml"), "\n")+kubePrometheus)
	start(t, address, binary, "--config.file="+config, "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
	return server(address)
}

// post sends firing alerts.
func (s server) post(t *testing.T, alerts []map[string]string) {
	t.Helper()
	var all []map[string]any
	for _, alert := range alerts {
		all = append(all, map[string]any{"labels": alert})
	}
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+string(s)+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("Alertmanager answers %s", response.Status)
	}
}

// inhibited reports for each alert whether another one holds it back.
func (s server) inhibited(t *testing.T) map[string]bool {
	t.Helper()
	var alerts []struct {
		Labels map[string]string
		Status struct{ InhibitedBy []string }
	}
	s.get(t, "/api/v2/alerts", &alerts)
	held := map[string]bool{}
	for _, alert := range alerts {
		held[text(alert.Labels)] = len(alert.Status.InhibitedBy) > 0
	}
	return held
}

// messages returns how many alerts the message to each receiver has, -1 where there
// are several messages.
func (s server) messages(t *testing.T) map[string]int {
	t.Helper()
	var groups []struct {
		Receiver struct{ Name string }
		Alerts   []any
	}
	s.get(t, "/api/v2/alerts/groups", &groups)
	alerts := map[string]int{}
	for _, group := range groups {
		if alerts[group.Receiver.Name] != 0 {
			alerts[group.Receiver.Name] = -1
			continue
		}
		alerts[group.Receiver.Name] = len(group.Alerts)
	}
	return alerts
}
