package proof

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// complaint is what dashboard-linter would say about a dashboard, or about one of its panels.
type complaint struct{ rule, dashboard, panel string }

// exclusion is a rule with the places where it does not hold; without entries it holds nowhere.
type exclusion struct {
	Reason  string
	Entries []entry
}

// entry is a dashboard, or one panel of it.
type entry struct{ Dashboard, Panel string }

func (e entry) covers(c complaint) bool {
	return (e.Dashboard == "" || e.Dashboard == c.dashboard) && (e.Panel == "" || e.Panel == c.panel)
}

// TestDashboards_Lint checks the rules of dashboard-linter. What is against them is in .lint, with a reason, and nothing
// else is.
func TestDashboards_Lint(t *testing.T) {
	complaints := map[string][]complaint{}
	for _, d := range everyDashboard(t) {
		for _, c := range append(lintVariables(d), lintPanels(t, d)...) {
			complaints[c.rule] = append(complaints[c.rule], c)
		}
	}
	exclusions := readExclusions(t)
	for rule, found := range complaints {
		for _, c := range found {
			if !slices.ContainsFunc(exclusions[rule].Entries, func(e entry) bool { return e.covers(c) }) {
				t.Errorf("%s, panel %q: against %s", c.dashboard, c.panel, rule)
			}
		}
	}
	for rule, excluded := range exclusions {
		if excluded.Reason == "" {
			t.Errorf(".lint: %s has no reason", rule)
		}
		for _, e := range excluded.Entries {
			if !slices.ContainsFunc(complaints[rule], e.covers) {
				t.Errorf(".lint: %s for %+v is not needed", rule, e)
			}
		}
	}
}

func readExclusions(t *testing.T) map[string]exclusion {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(directory, ".lint"))
	if err != nil {
		t.Fatal(err)
	}
	var settings struct{ Exclusions map[string]exclusion }
	if err := yaml.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	for rule, excluded := range settings.Exclusions {
		if len(excluded.Entries) == 0 {
			excluded.Entries = []entry{{}}
			settings.Exclusions[rule] = excluded
		}
	}
	return settings.Exclusions
}

func lintVariables(d Dashboard) []complaint {
	var complaints []complaint
	complain := func(rule string) { complaints = append(complaints, complaint{rule: rule, dashboard: d.Title}) }
	if d.Editable {
		complain("uneditable-dashboard")
	}
	byName := map[string]Variable{}
	for _, v := range d.Templating.List {
		byName[v.Name] = v
		if v.Type == "query" && v.Refresh != 2 {
			complain("template-on-time-change-reload-rule")
		}
	}
	if source := byName["datasource"]; source.Type != "datasource" || source.Label != "Data source" || string(source.Query) != `"prometheus"` {
		complain("template-datasource-rule")
	}
	for _, name := range []string{"job", "instance"} {
		if v := byName[name]; v.Type != "query" || !v.Multi || !v.IncludeAll || v.AllValue != ".+" {
			complain("template-" + name + "-rule")
		}
	}
	return complaints
}

func lintPanels(t *testing.T, d Dashboard) []complaint {
	t.Helper()
	var complaints []complaint
	for _, panel := range d.Panels {
		complain := func(rule string) { complaints = append(complaints, complaint{rule, d.Title, panel.Title}) }
		if panel.Title == "" || panel.Description == "" && panel.Type != "row" {
			complain("panel-title-description-rule")
		}
		if panel.Type == "row" || panel.Type == "text" {
			continue
		}
		if len(panel.Targets) == 0 {
			complain("panel-no-targets-rule")
		}
		if panel.Datasource.UID != "$datasource" && panel.Datasource.UID != "${datasource}" {
			complain("panel-datasource-rule")
		}
		if slices.Contains([]string{"stat", "singlestat", "graph", "table", "timeseries", "gauge"}, panel.Type) && panel.FieldConfig.Defaults.Unit == "" {
			complain("panel-units-rule")
		}
		for _, target := range panel.Targets {
			for _, rule := range lintQuery(t, target.Expr) {
				complain(rule)
			}
		}
	}
	return complaints
}

// lintQuery returns the rules that a query is against.
func lintQuery(t *testing.T, expr string) []string {
	t.Helper()
	var rules []string
	for name, labels := range selected(t, expr) {
		for _, label := range []string{"job", "instance"} {
			if !slices.Contains(labels, label) {
				rules = append(rules, "target-"+label+"-rule")
			}
		}
		if strings.HasSuffix(name, "_total") && !strings.Contains(expr, "increase("+name) && !strings.Contains(expr, "rate("+name) {
			rules = append(rules, "target-counter-agg-rule")
		}
	}
	for _, part := range strings.Split(expr, "[")[1:] {
		if span, _, _ := strings.Cut(part, "]"); span != "$__rate_interval" && !strings.ContainsAny(span, "-_") {
			rules = append(rules, "target-rate-interval-rule")
		}
	}
	return rules
}
