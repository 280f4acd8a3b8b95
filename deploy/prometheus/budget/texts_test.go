// Package budget tests the alerts with the code of Prometheus itself: what they say,
// and how often.
package budget

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
	"go.yaml.in/yaml/v2"
)

// hostile has names that a branch, an environment or a project may have, and that
// break a query, a template or a URL where they are not quoted.
var hostile = []string{
	"main", "", `say "hi"`, `back\slash`, "two\nlines", "`tick`", "a b&c=d?e#f%20+g", "{{ $labels.job }}", "$1", "müll/äöü-☃-\U0001f600", "tab\tnul\x00bell\a",
	`"} or vector(1) or {x="`, "'single'",
}

// alertTexts has the annotations of each alert.
func alertTexts(t *testing.T) map[string]map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../rules/alerts_*.yml")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]map[string]string{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Groups []struct {
				Rules []struct {
					Alert       string
					Annotations map[string]string
				}
			}
		}
		if err := yaml.Unmarshal(content, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Groups {
			for _, rule := range group.Rules {
				texts[rule.Alert] = rule.Annotations
			}
		}
	}
	if len(texts) == 0 {
		t.Fatal("there is no alert")
	}
	return texts
}

// TestTexts expands every annotation with hostile names. Each query in it must be
// one that selects by exactly these names, and each URL must lead to them.
func TestTexts(t *testing.T) {
	for alert, annotations := range alertTexts(t) {
		for _, bad := range hostile {
			alertLabels := map[string]string{
				"job": "empirical_exporter", "project": bad, "branch": bad, "environment": bad, "key": bad, "instance": "a:10071",
				"state": "started", "error_code": "unknown", "reason": "two_copies", "setting": "flaky_ratio",
			}
			for name, text := range annotations {
				expanded := expand(t, text, alertLabels, answer(bad))
				if strings.Contains(expanded, "<error") || strings.Contains(expanded, "<no value>") {
					t.Errorf("%s %s with %q: %s", alert, name, bad, expanded)
				}
				if name == "dashboard_url" {
					checkDashboard(t, alert, expanded, alertLabels)
				}
				if named := strconv.Quote(bad) + ", 3 times:"; strings.Contains(text, "empirical_test_case_runs") && !strings.Contains(expanded, named) {
					t.Errorf("%s %s with the test %q: %s", alert, name, bad, expanded)
				}
				for _, link := range regexp.MustCompile(`https://dash\S+`).FindAllString(expanded, -1) {
					if at, err := url.Parse(link); err != nil || !strings.HasSuffix(at.Path, "/test-runs/456") || at.RawQuery != "" && at.RawQuery != "test_id=17" {
						t.Errorf("%s %s with %q: the link %s, %v", alert, name, bad, link, err)
					}
				}
			}
		}
	}
}

// TestTexts_NoAnswer expands every annotation where no query has an answer. Each must
// still be whole sentences.
func TestTexts_NoAnswer(t *testing.T) {
	alertLabels := map[string]string{"job": "empirical_exporter", "project": "checkout", "branch": "main", "key": "checkout", "state": "started", "error_code": "unknown", "reason": "created_at"}
	for alert, annotations := range alertTexts(t) {
		text := strings.Join(strings.Fields(expand(t, annotations["description"], alertLabels, nil)), " ")
		if !strings.HasSuffix(text, ".") || regexp.MustCompile(`[:,] ?\.|https?:|<|Tests of|,$`).MatchString(text) {
			t.Errorf("%s: %s", alert, text)
		}
	}
}

// answer returns what each query answers: a series with all labels that texts ask for.
func answer(testName string) promql.Vector {
	return promql.Vector{{Metric: labels.FromStrings(
		"run_id", "456", "url", "https://grafana.example.org", "project", "checkout", "branch", "main", "instance", "a:10071",
		"reason", "server", "test_name", testName, "test_case_id", "17",
	), F: 3}}
}

// checkDashboard checks that a URL sets the variables of its dashboard.
func checkDashboard(t *testing.T, alert, text string, want map[string]string) {
	t.Helper()
	at, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(at.Path, "/d/empirical-") || at.Host != "grafana.example.org" {
		t.Errorf("%s: the dashboard %q, %v", alert, text, err)
		return
	}
	for name, values := range at.Query() {
		value := want[strings.TrimPrefix(name, "var-")]
		if name == "var-environment" { // there, () is a run without environment
			value = "(" + value + ")"
		}
		if values[0] != value {
			t.Errorf("%s: %s is %q, want %q", alert, name, values[0], value)
		}
	}
}

// expand expands an annotation as Prometheus does. Each query has the same answer.
func expand(t *testing.T, text string, alertLabels map[string]string, answer promql.Vector) string {
	t.Helper()
	query := func(_ context.Context, expr string, _ time.Time) (promql.Vector, error) {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", expr, err)
		}
		parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
			selector, is := node.(*parser.VectorSelector)
			if !is {
				return nil
			}
			for _, matcher := range selector.LabelMatchers {
				name := strings.TrimPrefix(matcher.Name, "exported_")
				if _, is := map[string]bool{"project": true, "branch": true, "environment": true, "key": true, "job": true}[name]; is && matcher.Value != alertLabels[name] {
					t.Errorf("%s selects %s %q, want %q", expr, name, matcher.Value, alertLabels[name])
				}
			}
			return nil
		})
		return answer, nil
	}
	prefix := "{{$labels := .Labels}}{{$value := .Value}}"
	data := template.AlertTemplateData(alertLabels, nil, "", promql.Sample{F: 3})
	expander := template.NewTemplateExpander(t.Context(), prefix+text, "alert", data, 0, template.QueryFunc(query), &url.URL{}, nil)
	expanded, err := expander.Expand()
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return expanded
}
