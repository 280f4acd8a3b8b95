package prometheus_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	comment  = regexp.MustCompile(`(?m)#.*$`)
	name     = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	selector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	label    = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)`)
)

// declared returns the exporter's metrics by name.
func declared() map[string]collector.Metric {
	metrics := map[string]collector.Metric{}
	for _, metric := range collector.Metrics() {
		metrics[metric.Name] = metric
	}
	return metrics
}

// bare returns an expression without strings and comments.
func bare(expr string) string {
	return comment.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
}

// TestRules_Names checks that each metric in a rule or in a text of an alert is
// declared by the exporter or recorded by a rule, and has each label by which it
// is selected.
func TestRules_Names(t *testing.T) {
	metrics, recorded := declared(), map[string]bool{}
	for _, r := range slices.Concat(rules(t), overrides(t)) {
		recorded[r.Record] = true
	}
	for _, r := range slices.Concat(rules(t), overrides(t)) {
		for _, text := range []string{bare(r.Expr), r.Annotations["summary"], r.Annotations["description"]} {
			for _, named := range name.FindAllString(text, -1) {
				_, there := metrics[named]
				switch {
				case strings.HasPrefix(named, "empirical_") && !there:
					t.Errorf("%s%s: the exporter has no metric %s", r.Alert, r.Record, named)
				case regexp.MustCompile(`[a-z]:[a-z]`).MatchString(named) && !recorded[named]:
					t.Errorf("%s%s: no rule records %s", r.Alert, r.Record, named)
				}
			}
		}
		for _, selected := range selector.FindAllStringSubmatch(comment.ReplaceAllString(r.Expr, ""), -1) {
			metric, there := metrics[selected[1]]
			for _, by := range label.FindAllStringSubmatch(selected[2], -1) {
				if there && !slices.Contains(metric.Labels, by[1]) {
					t.Errorf("%s%s: %s has no label %s", r.Alert, r.Record, selected[1], by[1])
				}
			}
		}
	}
}

// TestThresholds checks that each threshold of settings.yml is used by a condition and
// has the same value built in, that a condition has no other threshold, and that
// each condition belongs to an alert.
func TestThresholds(t *testing.T) {
	settings, builtin, used, alerting := map[string]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, r := range alerts(t) {
		alerting[r.Alert] = true
	}
	for _, r := range rules(t) {
		if name, is := strings.CutPrefix(r.Record, "empirical:threshold:"); is {
			settings[name] = r.Expr
		}
		switch r.Record {
		case "empirical:thresholds:builtin":
			builtin[r.Labels["threshold"]] = r.Expr
		case "empirical:alert:now":
			if name := r.Labels["threshold"]; name != "" {
				used[name] = true
			}
			if !alerting[r.Labels["alert"]] {
				t.Errorf("a condition of %s, which is no alert: %s", r.Labels["alert"], r.Expr)
			}
		}
	}
	if diff := cmp.Diff(settings, builtin); diff != "" {
		t.Errorf("thresholds (-settings.yml +built in):\n%s", diff)
	}
	for name := range used {
		if settings[name] == "" {
			t.Errorf("a condition has the threshold %s, which settings.yml lacks", name)
		}
		delete(settings, name)
	}
	for name := range settings {
		t.Errorf("%s: no condition has this threshold", name)
	}
}

// TestRules_NoTotals checks that no rule uses a total of tests. The API may or may
// not count skipped tests in it, so nothing that is made from it holds either way.
func TestRules_NoTotals(t *testing.T) {
	totals := []string{"empirical_recent_tests", "empirical_last_completed_run_tests", "empirical_tests_total"}
	for _, total := range totals {
		if declared()[total].Name == "" {
			t.Errorf("the exporter has no metric %s", total)
		}
	}
	for _, r := range rules(t) {
		for _, word := range name.FindAllString(bare(r.Expr), -1) {
			if slices.Contains(totals, word) {
				t.Errorf("%s%s: uses %s; executed tests are passed + failed", r.Alert, r.Record, word)
			}
		}
	}
}

// losing matches what loses target labels: an aggregation that lists the labels that
// stay, and a match by some labels that does not keep the others of one side.
var losing = regexp.MustCompile(`\bby\s*\(|[-+*/^=<>](?:\s*bool)?\s*on\s*\([^)]*\)\s*(?:[^g\s]|g[^r])`)

// TestRules_KeepLabels checks that rules keep target labels, and use no counters but
// those of the exporter itself. Settings have no target labels.
func TestRules_KeepLabels(t *testing.T) {
	metrics := declared()
	for _, r := range rules(t) {
		expr := bare(r.Expr)
		if found := losing.FindString(expr); found != "" && r.Record != "empirical:thresholds:all" {
			t.Errorf("%s%s: uses %q, which loses target labels", r.Alert, r.Record, found)
		}
		for _, word := range name.FindAllString(expr, -1) {
			if metrics[word].Type != "" && metrics[word].Type != "gauge" && !strings.HasPrefix(word, "empirical_exporter_") {
				t.Errorf("%s%s: uses the %s %s", r.Alert, r.Record, metrics[word].Type, word)
			}
		}
	}
}

// TestRuleTests_Series checks that the input series of promtool tests have the
// names and labels of the exporter's. Tests with other series prove nothing.
func TestRuleTests_Series(t *testing.T) {
	metrics := declared()
	target := []string{"job", "instance", "team"}
	for _, test := range ruleTests(t) {
		for _, input := range test.InputSeries {
			found := selector.FindStringSubmatch(input.Series)
			if found == nil {
				t.Errorf("%s: cannot read the series %s", test.Name, input.Series)
				continue
			}
			if found[1] == "up" {
				continue
			}
			var labels []string
			for _, l := range label.FindAllStringSubmatch(found[2], -1) {
				labels = append(labels, l[1])
			}
			for _, l := range metrics[found[1]].Labels {
				if !slices.Contains(labels, l) {
					t.Errorf("%s: %s lacks the label %s", test.Name, input.Series, l)
				}
			}
			for _, l := range labels {
				own := slices.Contains(metrics[found[1]].Labels, strings.TrimPrefix(l, "exported_"))
				if !own && !slices.Contains(target, l) {
					t.Errorf("%s: %s has no label %s", test.Name, found[1], l)
				}
			}
		}
	}
}
