package deploytest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// TestPrometheusRuleValues checks what the values of prometheusRule change in the
// rules, and that they change nothing else.
func TestPrometheusRuleValues(t *testing.T) {
	rule := one[*monitoring.PrometheusRule](t, render(t, filepath.Join("testdata", "values", "rules.good.yaml")))
	var want, got []monitoring.Rule
	for _, group := range ruleFiles(t) {
		for _, r := range group.Rules {
			if !slices.Contains([]string{"EmpiricalNoRun", "EmpiricalRunDurationRisen"}, r.Alert) {
				want = append(want, withValues(r))
			}
		}
	}
	var off []string
	for _, group := range rule.Spec.Groups {
		switch group.Name {
		case "empirical_overrides":
			if len(group.Rules) != 2 || group.Rules[0].Expr.String() != "0.5" || group.Rules[1].Labels["branch"] != "develop" {
				t.Errorf("overrides %+v", group.Rules)
			}
		case "empirical_disabled":
			for _, r := range group.Rules {
				off = append(off, r.Record+" "+r.Labels["alert"]+" "+r.Expr.String())
			}
		default:
			got = append(got, group.Rules...)
		}
	}
	if want := []string{"empirical:alert:disabled EmpiricalNoRun 1", "empirical:alert:disabled EmpiricalRunDurationRisen 1"}; !slices.Equal(off, want) {
		t.Errorf("switched off: %q, want %q", off, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +chart):\n%s", diff)
	}
}

// withValues returns a shipped rule as rules.good.yaml changes it.
func withValues(r monitoring.Rule) monitoring.Rule {
	switch {
	case r.Alert != "":
		r.Labels["owner"] = "qa" // severity is the alert's own
		r.Annotations["runbook_url"] = "https://wiki.example.org/empirical#" + strings.ToLower(r.Alert)
	case r.Record == "empirical:threshold:run_failure_ratio":
		r.Expr.StrVal = "0.4"
	case r.Record == "empirical:threshold:no_run_seconds":
		r.Expr.StrVal = "5 * 24 * 60 * 60"
	case r.Record == "empirical:setting:grafana_url":
		r.Labels["url"] = "https://grafana.example.org"
	}
	return r
}
