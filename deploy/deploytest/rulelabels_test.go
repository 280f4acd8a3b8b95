package deploytest

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
)

var (
	labelInText = regexp.MustCompile(`\$labels\.(\w+)`)
	labelsOfOn  = regexp.MustCompile(`\bon \(([^)]*)\)`)
)

// renderRules returns the error of the chart with values of prometheusRule, as YAML.
func renderRules(t *testing.T, values string) error {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "values.yaml", []byte("apiKeys: {existingSecret: keys, names: [checkout]}\nprometheusRule: {enabled: true, "+values+"}\n"))
	_, err := shipped.Render(built(t, "helm"), chart(), filepath.Join(folder, "values.yaml"))
	return err
}

// alertLabels returns the labels that the chart's alerts have: those that the rules name,
// and those that come from elsewhere.
func alertLabels(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{
		"alertname": true, "alertstate": true, // Prometheus
		"team":    true,                                                   // the exporter's configuration
		"service": true, "pod": true, "container": true, "endpoint": true, // the operator
	}
	for _, group := range ruleFiles(t) {
		for _, rule := range group.Rules {
			for _, match := range labelsOfOn.FindAllStringSubmatch(rule.Expr.String(), -1) {
				for name := range strings.SplitSeq(match[1], ", ") {
					names[name] = true
				}
			}
			if rule.Alert == "" {
				continue
			}
			for name := range rule.Labels {
				names[name] = true
			}
			for _, text := range rule.Annotations {
				for _, match := range labelInText.FindAllStringSubmatch(text, -1) {
					names[match[1]] = true
				}
			}
		}
	}
	for _, gone := range []string{"", "alert", "threshold"} { // each alert drops these
		delete(names, gone)
	}
	return slices.Sorted(maps.Keys(names))
}

// TestAlertLabels_OfTheAlerts checks that the value prometheusRule.alertLabels takes no
// label that the chart's alerts have: with it they would be one series, or lose it.
func TestAlertLabels_OfTheAlerts(t *testing.T) {
	labels := alertLabels(t)
	want := "alerts have labels of their own called " + strings.Join(labels, ", ") + "; take other names"
	err := renderRules(t, "alertLabels: {"+strings.Join(labels, ": a, ")+": a, owner: a}")
	if !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("got error %v\nwant one with %q", err, want)
	}
}

// TestThresholds_NoNumbers checks that the value prometheusRule.thresholds takes nothing
// that is no number or makes none.
func TestThresholds_NoNumbers(t *testing.T) {
	wrong := []string{"", " ", " 1", "40%", "0,4", "five", "NaN", "-1", "1e3", "2h", "0 * +Inf", "0 / 0", "2 *", "* 2", "2 2", "1.", ".5", "1\n", "{{ 1 }}", "up"}
	var values []string
	for i, text := range wrong {
		values = append(values, fmt.Sprintf("n%d: %q", i, text))
	}
	err := renderRules(t, "thresholds: {"+strings.Join(values, ", ")+"}")
	for i, text := range wrong {
		if want := fmt.Sprintf("at '/prometheusRule/thresholds/n%d': ", i); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q is taken: got error %v\nwant one with %q", text, err, want)
		}
	}
}
