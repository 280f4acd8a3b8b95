package victoria

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/config"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/datasource"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/notifier"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
	"github.com/VictoriaMetrics/metricsql"
)

// hostile has names that a branch, an environment or a project may have, and that
// break a query, a template or a URL where they are not quoted.
var hostile = []string{
	"main", "", `say "hi"`, `back\slash`, "two\nlines", "`tick`", "a b&c=d?e#f%20+g", "{{ $labels.job }}", "$1", "müll/äöü-☃-\U0001f600",
	"tab\tnul\x00bell\a", `"} or vector(1) or {x="`, "'single'",
}

// TestTexts expands every annotation as vmalert does, with hostile names. MetricsQL
// must read each query as one that selects by exactly these names.
func TestTexts(t *testing.T) {
	groups, err := config.ParseSilent([]string{"../rules/alerts_*.yml"}, notifier.ValidateTemplates, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range groups {
		for _, alert := range group.Rules {
			for _, bad := range hostile {
				checkTexts(t, alert, bad)
			}
		}
	}
}

func checkTexts(t *testing.T, alert config.Rule, bad string) {
	t.Helper()
	query := func(query string) ([]datasource.Metric, error) {
		if err := selects(query, bad); err != nil {
			t.Errorf("%s: %s with %q: %v", alert.Alert, query, bad, err)
		}
		return []datasource.Metric{{Values: []float64{3}, Timestamps: []int64{0}, Labels: []prompb.Label{
			{Name: "run_id", Value: "456"},
			{Name: "url", Value: "https://grafana.example.org"},
			{Name: "project", Value: "checkout"},
			{Name: "test_name", Value: "pays by card"},
			{Name: "test_case_id", Value: "17"},
			{Name: "reason", Value: "server"},
		}}}, nil
	}
	texts, err := notifier.ExecTemplate(query, alert.Annotations, notifier.AlertTplData{Value: 3, Labels: map[string]string{
		"job": "empirical_exporter", "project": bad, "branch": bad, "environment": bad, "key": bad, "instance": "a:10071",
		"state": "started", "error_code": "unknown", "reason": "two_copies", "setting": "flaky_ratio",
	}})
	if err != nil {
		t.Errorf("%s with %q: %v", alert.Alert, bad, err)
	}
	for _, link := range regexp.MustCompile(`https://dash\S+`).FindAllString(texts["description"], -1) {
		if at, err := url.Parse(link); err != nil || !strings.HasSuffix(at.Path, "/test-runs/456") {
			t.Errorf("%s with %q: the link %s, %v", alert.Alert, bad, link, err)
		}
	}
	if at, err := url.Parse(texts["dashboard_url"]); err != nil || at.Host != "grafana.example.org" {
		t.Errorf("%s with %q: the dashboard %q, %v", alert.Alert, bad, texts["dashboard_url"], err)
	}
}

// selects returns an error if a query selects by another project, branch, environment
// or key.
func selects(query, name string) error {
	parsed, err := metricsql.Parse(query)
	if err != nil {
		return err
	}
	metricsql.VisitAll(parsed, func(part metricsql.Expr) {
		selector, is := part.(*metricsql.MetricExpr)
		if !is {
			return
		}
		for _, filters := range selector.LabelFilterss {
			for _, filter := range filters {
				switch strings.TrimPrefix(filter.Label, "exported_") {
				case "project", "branch", "environment", "key":
					if filter.Value != name {
						err = fmt.Errorf("it selects %s %q", filter.Label, filter.Value)
					}
				}
			}
		}
	})
	return err
}
