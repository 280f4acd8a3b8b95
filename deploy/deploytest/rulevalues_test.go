package deploytest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// overrides are the rules of the value prometheusRule.overrides in rules.good.yaml. All is
// text, as Prometheus reads it, and no other value changes them.
var overrides = []monitoring.Rule{
	{
		Record: "empirical:threshold:run_failure_ratio", Expr: intstr.FromString("0.5"),
		Labels: map[string]string{"project": "12345678", "environment": "1.5", "branch": "true"},
	},
	{
		Record: "empirical:default_branch", Expr: intstr.FromString("1"),
		Labels: map[string]string{"project": "shop", "branch": "develop"},
	},
	{Alert: "EmpiricalOwn", Expr: intstr.FromString("empirical_up == 0"), Labels: map[string]string{}},
	{Alert: "EmpiricalNoRun", Expr: intstr.FromString("empirical_up == 0")},
}

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
			if diff := cmp.Diff(overrides, group.Rules); diff != "" {
				t.Errorf("overrides (-want +chart):\n%s", diff)
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
		r.Labels["owner"], r.Labels["_floor"] = "qa", "3"
		r.Annotations["runbook_url"] = "https://wiki.example.org/empirical?tab=1#" + strings.ToLower(r.Alert)
	case r.Record == "empirical:threshold:run_failure_ratio":
		r.Expr.StrVal = "0.4"
	case r.Record == "empirical:threshold:no_run_seconds":
		r.Expr.StrVal = "5 * 24 * 60 * 60"
	case r.Record == "empirical:threshold:flaky_ratio":
		r.Expr.StrVal = "+Inf"
	case r.Record == "empirical:setting:grafana_url":
		r.Labels["url"] = "https://grafana.example.org/sub"
	}
	return r
}
