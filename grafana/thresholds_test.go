package main

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestThresholds_Alerts compares the thresholds of the colours with those of the alerts.
func TestThresholds_Alerts(t *testing.T) {
	alerts := alertThresholds(t, "../deploy/prometheus/rules/settings.yml")
	for threshold, here := range map[string]float64{
		"run_failure_ratio":    runFailureWarning,
		"test_failure_ratio":   testFailureWarning,
		"flaky_ratio":          flakyWarning,
		"failing_streak_runs":  streakWarning,
		"snapshot_age_seconds": snapshotOld,
	} {
		there, known := alerts[threshold]
		switch {
		case !known:
			t.Errorf("the rules have no threshold %s: they have %v", threshold, alerts)
		case here != there:
			t.Errorf("%s is %v in the dashboards and %v in the rules: change thresholds.go and run `make dashboards`", threshold, here, there)
		}
	}
}

// alertThresholds returns the thresholds in a file of recording rules, by name and severity.
func alertThresholds(t *testing.T, file string) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Record, Expr string
				Labels       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	thresholds := map[string]float64{}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			name, is := strings.CutPrefix(rule.Record, "empirical:threshold:")
			if is {
				thresholds[strings.TrimSpace(name+" "+rule.Labels["severity"])] = product(t, rule.Expr)
			}
		}
	}
	return thresholds
}

// product returns the value of an expression such as 4 * 60.
func product(t *testing.T, expr string) float64 {
	t.Helper()
	value := 1.0
	for factor := range strings.SplitSeq(expr, "*") {
		number, err := strconv.ParseFloat(strings.TrimSpace(factor), 64)
		if err != nil {
			t.Fatalf("%q is neither a number nor a product of numbers: %v", expr, err)
		}
		value *= number
	}
	return value
}
