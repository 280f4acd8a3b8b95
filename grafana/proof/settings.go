package proof

import (
	"fmt"
	"regexp"
	"strings"
)

// settings are the files of Prometheus' configuration: it scrapes the exporter and another team's target, which is dead,
// and evaluates alerts of which some fire.
func (s *Stack) settings(config Config, target string) map[string]string {
	scrape := fmt.Sprintf(`
global:
  scrape_interval: %[1]s
  scrape_timeout: %[1]s
  evaluation_interval: %[1]s
rule_files: [alerts.yml]
scrape_configs:
  - job_name: %[2]s
    static_configs:
      - targets: [%[3]q]
        labels: {instance: %[4]q, cluster: %[5]q}
    metric_relabel_configs:%[6]s
  - job_name: %[7]s
    static_configs:
      - targets: [%[8]q]
        labels: {cluster: %[5]q}
`, config.Interval, job, target, instance, cluster, s.API.teams(), otherJob, deadTarget)
	if s.VictoriaMetrics != nil {
		scrape += "remote_write:\n  - url: " + s.VictoriaMetrics.URL + "/api/v1/write\n    queue_config: {batch_send_deadline: 100ms}\n"
	}
	return map[string]string{"prometheus.yml": scrape, "alerts.yml": madeUpAlerts}
}

const (
	// otherJob is the job of another team, whose target is dead: nothing listens on the first port.
	otherJob   = "other"
	deadTarget = "127.0.0.1:1"
)

// teams are the rules that give each project its team.
func (a *FakeAPI) teams() string {
	var rules strings.Builder
	for _, made := range a.made {
		fmt.Fprintf(&rules, `
      - source_labels: [project]
        regex: %q
        target_label: team
        replacement: %q`, regexp.QuoteMeta(made.slug), made.team)
	}
	return rules.String()
}

// madeUpAlerts have the labels of the shipped alerts and fire at once.
const madeUpAlerts = `
groups:
  - name: made_up
    rules:
      - alert: EmpiricalFailingStreak
        expr: max by (cluster, job, project, team, branch, environment) (empirical_failing_streak_runs{branch="main"}) >= 2
        labels: {severity: warning}
      - alert: EmpiricalNoPassedRun
        expr: max by (cluster, job, project, team, branch, environment) (empirical_failing_streak_runs{branch="main"}) >= 4
        labels: {severity: critical}
      - alert: EmpiricalRunStuck
        expr: max by (cluster, job, project, team, state) (empirical_runs{project="checkout",branch="main",state="queued"}) > 0
        labels: {severity: critical}
      - alert: EmpiricalKeyRejected
        expr: max by (cluster, job, key) (empirical_up) > 1
        labels: {severity: critical}
`
