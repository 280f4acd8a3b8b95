package deploytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// ruleFiles returns the groups of deploy/prometheus/rules, in the order of the files.
func ruleFiles(t *testing.T) []monitoring.RuleGroup {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(tools.Root(), "deploy", "prometheus", "rules", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("rule files %v, %v", paths, err)
	}
	var groups []monitoring.RuleGroup
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var spec monitoring.PrometheusRuleSpec
		if err := yaml.UnmarshalStrict(content, &spec); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		groups = append(groups, spec.Groups...)
	}
	return groups
}

// TestPrometheusRule checks that the chart's rules equal the files. Helm must not
// execute the templates in annotations: they are for Prometheus.
func TestPrometheusRule(t *testing.T) {
	rule := one[*monitoring.PrometheusRule](t, render(t, chartValues("operator")))
	if diff := cmp.Diff(ruleFiles(t), rule.Spec.Groups); diff != "" {
		t.Errorf("the chart's rules differ from the files (-files +chart):\n%s", diff)
	}
	if rule.Labels["release"] != "kube-prometheus-stack" {
		t.Errorf("labels %v", rule.Labels)
	}
}

// TestPrometheusRuleSettings checks that the value prometheusRule.settings replaces
// the shipped settings.yml, and nothing else.
func TestPrometheusRuleSettings(t *testing.T) {
	rule := one[*monitoring.PrometheusRule](t, render(t, chartValues("everything")))
	var settings []monitoring.RuleGroup
	for _, group := range rule.Spec.Groups {
		if group.Name == "empirical_settings" {
			settings = append(settings, group)
		}
	}
	if len(settings) != 1 || len(settings[0].Rules) != 1 || settings[0].Rules[0].Expr.String() != "5" {
		t.Errorf("settings %+v", settings)
	}
	if got, want := len(rule.Spec.Groups), len(ruleFiles(t)); got != want {
		t.Errorf("%d groups, want %d", got, want)
	}
}

// TestPrometheusRuleJob checks that the chart's scrape job has the name that the
// rules need.
func TestPrometheusRuleJob(t *testing.T) {
	monitor := one[*monitoring.ServiceMonitor](t, render(t, chartValues("operator")))
	relabel := monitor.Spec.Endpoints[0].RelabelConfigs[0]
	if relabel.TargetLabel != "job" || relabel.Replacement == nil {
		t.Fatalf("relabelling %+v, want one of job", relabel)
	}
	matcher := `up{job="` + *relabel.Replacement + `"}`
	for _, group := range ruleFiles(t) {
		for _, rule := range group.Rules {
			if strings.Contains(rule.Expr.String(), matcher) {
				return
			}
		}
	}
	t.Errorf("no rule has %s", matcher)
}
