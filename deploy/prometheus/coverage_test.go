package prometheus_test

import (
	"slices"
	"testing"
)

// TestAlerts_Tested checks that promtool tests have each alert, in each of its
// severities, at least once firing and at least once silent.
func TestAlerts_Tested(t *testing.T) {
	fires, silent := map[severity]bool{}, map[severity]bool{}
	rules := alerts(t)
	for _, test := range ruleTests(t) {
		for _, check := range test.AlertRuleTest {
			expected := map[severity]bool{}
			for _, alert := range check.ExpAlerts {
				expected[severity{check.Alertname, alert.ExpLabels["severity"]}] = true
			}
			known := false
			for _, r := range rules {
				if r.Alert != check.Alertname {
					continue
				}
				known = true
				if expected[r.severity()] {
					fires[r.severity()] = true
				} else {
					silent[r.severity()] = true
				}
			}
			if !known {
				t.Errorf("%s: no rule has the alert %s", test.Name, check.Alertname)
			}
		}
	}
	for _, r := range rules {
		if !fires[r.severity()] {
			t.Errorf("%v: no test in which it fires", r.severity())
		}
		if !silent[r.severity()] {
			t.Errorf("%v: no test in which it is silent", r.severity())
		}
	}
}

// TestAlerts_OneRule checks that each alert is one rule. Two severities of one name
// would inhibit each other across projects where kube-prometheus' inhibitions are loaded.
func TestAlerts_OneRule(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range alerts(t) {
		if seen[r.Alert] {
			t.Errorf("%s: two rules have this name", r.Alert)
		}
		seen[r.Alert] = true
	}
}

// TestAlerts_Routed checks that each alert that promtool's tests expect has the label
// project, by which it is routed, but those on an exporter, on the rules, on many
// projects, and on a key that never worked.
func TestAlerts_Routed(t *testing.T) {
	general := []string{
		"EmpiricalExporterGone", "EmpiricalExporterDown", "EmpiricalConfigNotLoaded", "EmpiricalRulesInconsistent", "EmpiricalSharedOutage",
	}
	for _, test := range ruleTests(t) {
		for _, check := range test.AlertRuleTest {
			for _, alert := range check.ExpAlerts {
				if alert.ExpLabels["project"] == "" && !slices.Contains([]string{"new", "default"}, alert.ExpLabels["key"]) && !slices.Contains(general, check.Alertname) {
					t.Errorf("%s: %s has no project", test.Name, check.Alertname)
				}
			}
		}
	}
}
