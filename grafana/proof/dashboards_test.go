package proof

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

const directory = "../dashboards"

// uids are part of links and bookmarks: they do not change.
var uids = map[string]string{
	"all-projects.json": "empirical-all-projects",
	"test-runs.json":    "empirical-test-runs",
	"environment.json":  "empirical-environment",
	"exporter.json":     "empirical-exporter",
}

func everyDashboard(t *testing.T) []Dashboard {
	t.Helper()
	all, err := Dashboards(directory)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDashboards_Complete finds what a reader would miss: a description, a unit, a name, something to show where nothing is.
func TestDashboards_Complete(t *testing.T) {
	for _, d := range everyDashboard(t) {
		t.Run(d.File, func(t *testing.T) {
			if d.UID != uids[d.File] {
				t.Errorf("uid is %q, want %q", d.UID, uids[d.File])
			}
			if d.Description == "" || d.Tooltip != 1 || d.Editable {
				t.Error("the dashboard needs a description and a shared crosshair, and must not be editable")
			}
			ids, titles := map[int]bool{}, map[string]bool{}
			for _, panel := range d.Panels {
				if ids[panel.ID] || titles[panel.Title] {
					t.Errorf("panel %d, %q: id or title is there twice", panel.ID, panel.Title)
				}
				ids[panel.ID], titles[panel.Title] = true, true
				if panel.Type != "row" {
					checkPanel(t, panel)
				}
			}
			for _, v := range d.Templating.List {
				if v.Label == "" || v.Description == "" {
					t.Errorf("variable %s: it needs a label and a description", v.Name)
				}
			}
		})
	}
}

func checkPanel(t *testing.T, panel Panel) {
	t.Helper()
	complain := func(of string) { t.Errorf("panel %d, %q: %s", panel.ID, panel.Title, of) }
	if panel.Description == "" {
		complain("no description")
	}
	if panel.Type == "text" {
		return
	}
	if !strings.Contains(panel.Description, "From ") {
		complain("the description does not say from which metric")
	}
	if unit := panel.FieldConfig.Defaults.Unit; unit == "" && panel.Type != "table" && panel.Type != "heatmap" {
		complain("no unit")
	}
	if panel.Type != "timeseries" && panel.FieldConfig.Defaults.NoValue == "" {
		complain("nothing to show but \"No data\" where there is none")
	}
	if panel.GridPos.X+panel.GridPos.W > 24 {
		complain("reaches over the right edge")
	}
}

// TestDashboards_DescriptionsNameMetrics compares what a panel says it shows with what it asks for.
func TestDashboards_DescriptionsNameMetrics(t *testing.T) {
	for _, d := range everyDashboard(t) {
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				for name := range selected(t, target.Expr) {
					family := familyOf(name)
					said := strings.Contains(panel.Description, family) ||
						strings.HasPrefix(family, "empirical_last_completed_run_") && strings.Contains(panel.Description, "the empirical_last_completed_run metrics")
					if !said {
						t.Errorf("%s, panel %q asks for %s and does not say so", d.File, panel.Title, family)
					}
				}
			}
		}
	}
}

// TestDashboards_DatasourceIsVariable makes sure that the reader's choice of data source counts everywhere.
func TestDashboards_DatasourceIsVariable(t *testing.T) {
	for _, d := range everyDashboard(t) {
		check := func(what string, source Source) {
			if source.UID != "${datasource}" {
				t.Errorf("%s, %s: the data source is %q, want ${datasource}", d.File, what, source.UID)
			}
		}
		for _, panel := range d.Panels {
			if panel.Type == "row" || panel.Type == "text" {
				continue
			}
			check(panel.Title, panel.Datasource)
			for _, target := range panel.Targets {
				check(panel.Title+" "+target.RefID, target.Datasource)
			}
		}
		for _, v := range d.Templating.List {
			if v.Type == "query" {
				check("variable "+v.Name, v.Datasource)
			}
		}
		for _, a := range d.Annotations.List {
			if a.BuiltIn == 0 {
				check("annotation "+a.Name, a.Datasource)
			}
		}
	}
}

// projectOf is how a table's link names the project: the row says it, or, where all rows are of one, the variable.
var projectOf = map[string]string{"test-runs.json": "${__data.fields.project}", "environment.json": "${project}"}

// carried are what the links of tables carry: to a page of Empirical, or to a dashboard that keeps time range and variables.
func carried(file string) map[string][]string {
	run := "https://dash.empirical.run/" + projectOf[file] + "/test-runs/${__data.fields.run_id}"
	kept := []string{"${__url_time_range}", "${datasource:queryparam}", "${cluster:queryparam}", "${default_branch:queryparam}", "var-project=${__data.fields.project:percentencode}"}
	return map[string][]string{
		run: nil,
		run + "?test_id=${__data.fields.test_case_id}": nil,
		"/d/empirical-test-runs?":                      kept,
		"/d/empirical-environment?":                    append(kept, "var-environment=(${__value.raw:percentencode})", "${branch:queryparam}", "${window:queryparam}"),
	}
}

// TestDashboards_Links makes sure that tables lead to the page of a run or a test and to a dashboard that exists, time
// range and variables kept.
func TestDashboards_Links(t *testing.T) {
	used := map[string]bool{}
	for _, d := range everyDashboard(t) {
		for _, panel := range d.Panels {
			for _, link := range panel.links(t) {
				target := link
				if inside := strings.HasPrefix(link, "/d/"); inside {
					target = link[:strings.Index(link, "?")+1]
				}
				parts, known := carried(d.File)[target]
				if !known {
					t.Errorf("%s, panel %q: unexpected link %s", d.File, panel.Title, link)
				}
				used[strings.TrimPrefix(target, "https://dash.empirical.run/"+projectOf[d.File])] = true
				for _, part := range parts {
					if !strings.Contains(link, part) {
						t.Errorf("%s, panel %q: the link %s does not carry %s", d.File, panel.Title, link, part)
					}
				}
			}
		}
		for _, link := range d.Links {
			uid, variables, _ := strings.Cut(strings.TrimPrefix(link.URL, "/d/"), "?")
			if !slices.Contains(slices.Collect(maps.Values(uids)), uid) {
				t.Errorf("%s links to %s, which is no dashboard", d.File, link.URL)
			}
			if _, err := Fill(variables, d.names()); err != nil {
				t.Errorf("%s links to %s: %v", d.File, link.URL, err)
			}
		}
	}
	if len(used) != len(carried("test-runs.json")) {
		t.Errorf("links lead to %v alone", used)
	}
}

// names are the variables of a dashboard.
func (d Dashboard) names() map[string]string {
	names := map[string]string{}
	for _, v := range d.Templating.List {
		names[v.Name] = v.Name
	}
	return names
}

func (p Panel) links(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, override := range p.FieldConfig.Overrides {
		for _, property := range override.Properties {
			if property.ID != "links" {
				continue
			}
			var links []struct{ URL string }
			if err := json.Unmarshal(property.Value, &links); err != nil {
				t.Fatal(err)
			}
			for _, link := range links {
				all = append(all, link.URL)
			}
		}
	}
	return all
}
