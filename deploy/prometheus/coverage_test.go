package prometheus_test

import (
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
