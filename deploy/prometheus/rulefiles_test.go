// Package prometheus_test tests the rules beside it: with promtool, and in a real
// Prometheus with a real Alertmanager.
package prometheus_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v2"
)

// rule is a recording or an alerting rule of a file in rules/.
type rule struct {
	Record, Alert, Expr string
	For                 string
	KeepFiringFor       string `yaml:"keep_firing_for"`
	Labels, Annotations map[string]string
}

// severity identifies one rule of an alert that has several.
type severity struct{ alert, severity string }

func (r *rule) severity() severity { return severity{r.Alert, r.Labels["severity"]} }

// group is a rule group.
type group struct {
	Name  string
	Rules []rule
}

// groups returns the groups of all files.
func groups(t *testing.T) []group {
	t.Helper()
	return groupsOf(t, "rules/*.yml")
}

// overrides returns the rules of the example.
func overrides(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, g := range groupsOf(t, "examples/*.yml") {
		all = append(all, g.Rules...)
	}
	return all
}

func groupsOf(t *testing.T, pattern string) []group {
	t.Helper()
	var all []group
	for _, path := range files(t, pattern) {
		var file struct{ Groups []group }
		parse(t, path, &file)
		all = append(all, file.Groups...)
	}
	return all
}

// rules returns all rules of all files.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, g := range groups(t) {
		all = append(all, g.Rules...)
	}
	return all
}

// alerts returns the alerting rules.
func alerts(t *testing.T) []rule {
	t.Helper()
	var alerting []rule
	for _, r := range rules(t) {
		if r.Alert != "" {
			alerting = append(alerting, r)
		}
	}
	if len(alerting) == 0 {
		t.Fatal("no alert in rules/")
	}
	return alerting
}

// ruleTest is one test in a file for promtool.
type ruleTest struct {
	Name        string
	InputSeries []struct {
		Series string
	} `yaml:"input_series"`
	AlertRuleTest []struct {
		EvalTime  string `yaml:"eval_time"`
		Alertname string
		ExpAlerts []struct {
			ExpLabels map[string]string `yaml:"exp_labels"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

// ruleTests returns the tests of all files for promtool.
func ruleTests(t *testing.T) []ruleTest {
	t.Helper()
	var all []ruleTest
	for _, path := range files(t, "tests/*.yml") {
		var file struct{ Tests []ruleTest }
		parse(t, path, &file)
		all = append(all, file.Tests...)
	}
	return all
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no file %s (%v)", pattern, err)
	}
	return paths
}

func parse(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
