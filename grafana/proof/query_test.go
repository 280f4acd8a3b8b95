package proof

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// byPrometheus are what Prometheus adds to a scrape, with the labels that every series has from its target.
var byPrometheus = []string{"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added"}

// byRules are what Prometheus makes of alert rules, with the labels that the shipped ones have.
var byRules = map[string][]string{
	"ALERTS":           {"alertname", "alertstate", "severity", "project", "team", "environment", "branch", "key", "error_code", "state"},
	"ALERTS_FOR_STATE": {"alertname", "severity", "project", "team", "environment", "branch", "key", "error_code", "state"},
}

// byLibraries are metrics of the Go and process collectors and of promhttp, with the labels they carry.
var byLibraries = map[string][]string{
	"go_goroutines":                          nil,
	"go_memstats_heap_inuse_bytes":           nil,
	"process_resident_memory_bytes":          nil,
	"process_cpu_seconds_total":              nil,
	"process_open_fds":                       nil,
	"promhttp_metric_handler_requests_total": {"code"},
}

// exported are the labels of every metric that a dashboard may ask for.
func exported() map[string][]string {
	all := map[string][]string{}
	for _, metric := range collector.Metrics() {
		all[metric.Name] = append(slices.Clone(metric.Labels), "team")
	}
	maps.Copy(all, byRules)
	for _, name := range byPrometheus {
		all[name] = nil
	}
	maps.Copy(all, byLibraries)
	return all
}

// TestQueries_ExportedMetricsOnly parses every query and compares the metrics and labels that it names with those that the
// exporter declares.
func TestQueries_ExportedMetricsOnly(t *testing.T) {
	known := exported()
	for _, d := range everyDashboard(t) {
		exprs := map[string]string{}
		for _, query := range d.Queries() {
			exprs[query.Where] = query.Expr
		}
		lookups, err := d.Lookups()
		if err != nil {
			t.Fatal(err)
		}
		for _, lookup := range lookups {
			exprs[lookup.Where] = "max by (" + lookup.Label + ") (" + lookup.Expr + ")"
		}
		for where, expr := range exprs {
			for name, labels := range selected(t, expr) {
				have, there := known[familyOf(name)]
				if !there {
					t.Errorf("%s: the exporter has no metric %s", where, name)
				}
				for _, label := range labels {
					if !slices.Contains(append(have, targetLabels...), label) {
						t.Errorf("%s: %s has no label %s", where, name, label)
					}
				}
			}
			checkGrouping(t, where, expr, known)
		}
	}
}

// TestQueries_OwnTargets makes sure that what every target has is asked of the exporter's alone: by its job and instance, whose
// "All" is the list of those that have its metrics.
func TestQueries_OwnTargets(t *testing.T) {
	for _, d := range everyDashboard(t) {
		for _, v := range d.Templating.List {
			if (v.Name == "job" || v.Name == "instance") && v.AllValue != "" {
				t.Errorf("%s, variable %s: All is %s, which chooses targets of other jobs too", d.File, v.Name, v.AllValue)
			}
		}
		for _, query := range d.Queries() {
			for name, labels := range selected(t, query.Expr) {
				if strings.HasPrefix(name, "empirical_") || byRules[name] != nil {
					continue
				}
				if !slices.Contains(labels, "job") || !slices.Contains(labels, "instance") {
					t.Errorf("%s asks for %s of all jobs", query.Where, name)
				}
			}
		}
	}
}

// TestQueries_NoTotals checks that no query uses a total of tests over a window: the API may or may not count skipped tests
// in it. Executed tests are passed + failed.
func TestQueries_NoTotals(t *testing.T) {
	for _, d := range everyDashboard(t) {
		for _, query := range d.Queries() {
			for _, total := range []string{"empirical_recent_tests", "empirical_tests_total"} {
				if _, used := selected(t, query.Expr)[total]; used {
					t.Errorf("%s uses %s", query.Where, total)
				}
			}
		}
	}
}

// parse fills in variables with any values that give a query and reads it.
func parse(t *testing.T, expr string) parser.Expr {
	t.Helper()
	filled, err := Fill(expr, map[string]string{
		"project": "p", "cluster": "c", "team": "t", "default_branch": "main", "objective": "95", "deploys": "empirical_up", "environment": "e", "branch": "b", "window": "1d", "job": "j", "instance": "i", "key": "k",
		"__range": "1h", "__interval": "1m", "__rate_interval": "5m",
	})
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	read, err := parser.NewParser(parser.Options{}).ParseExpr(filled)
	if err != nil {
		t.Fatalf("%s: %v", filled, err)
	}
	return read
}

// selected are the metrics of a query, each with the labels that it is matched by.
func selected(t *testing.T, expr string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	parser.Inspect(parse(t, expr), func(node parser.Node, _ []parser.Node) error {
		if selector, is := node.(*parser.VectorSelector); is {
			labels := found[selector.Name]
			for _, matcher := range selector.LabelMatchers {
				if matcher.Name != "__name__" {
					labels = append(labels, matcher.Name)
				}
			}
			found[selector.Name] = labels
		}
		return nil
	})
	return found
}

// checkGrouping makes sure that labels that are grouped or joined by exist in what is grouped or joined.
func checkGrouping(t *testing.T, where, expr string, known map[string][]string) {
	t.Helper()
	parser.Inspect(parse(t, expr), func(node parser.Node, _ []parser.Node) error {
		var labels []string
		switch node := node.(type) {
		case *parser.AggregateExpr:
			labels = node.Grouping
		case *parser.BinaryExpr:
			if node.VectorMatching != nil {
				labels = append(append([]string{}, node.VectorMatching.MatchingLabels...), node.VectorMatching.Include...)
			}
		default:
			return nil
		}
		have := append(slices.Clone(targetLabels), made(node.String())...)
		for name := range selected(t, node.String()) {
			have = append(have, known[familyOf(name)]...)
		}
		for _, label := range labels {
			if !slices.Contains(have, label) {
				t.Errorf("%s: nothing has the label %s in %s", where, label, node)
			}
		}
		return nil
	})
}

// targetLabels are those that a series has from its target, and le, which only a histogram's buckets have.
var targetLabels = []string{"cluster", "job", "instance", "le"}

var labelReplace = regexp.MustCompile(`, "(\w+)", "[^"]*", "\w*", "[^"]*"\)`)

// made are the labels that a query makes by itself.
func made(expr string) []string {
	var labels []string
	for _, match := range labelReplace.FindAllStringSubmatch(expr, -1) {
		labels = append(labels, match[1])
	}
	return labels
}

// familyOf is the metric that a series belongs to: a histogram's buckets are series of their own in Prometheus.
func familyOf(name string) string { return strings.TrimSuffix(name, "_bucket") }
