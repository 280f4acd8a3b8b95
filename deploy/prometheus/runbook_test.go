package prometheus_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const runbookURL = "https://github.com/empirical-exporter/empirical_exporter/blob/main/deploy/prometheus/runbook.md#"

// dashboardURL matches the address of a dashboard with its variables set. Each value is
// escaped, because a branch may have any name.
var dashboardURL = regexp.MustCompile(`^\{\{ with query "empirical:grafana:info" \}\}\{\{ first \. \| label "url" \}\}\{\{ else \}\}http://localhost:3000\{\{ end \}\}` +
	`/d/empirical-(?:environment|test-runs|exporter|all-projects)(?:[?&]var-(?:(?:project|branch|instance|key)=\{\{ \$labels\.[a-z]+ \| urlquery \}\}|environment=\(\{\{ \$labels\.environment \| urlquery \}\}\)))*$`)

// TestAlerts_Annotations checks that each alert has a severity, texts, links, a wait
// and a section in the runbook.
func TestAlerts_Annotations(t *testing.T) {
	sections := runbook(t)
	for _, r := range alerts(t) {
		if !slices.Contains([]string{"critical", "warning"}, r.Labels["severity"]) {
			t.Errorf("%s: severity is %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: no summary or no description", r.Alert)
		}
		anchor, found := strings.CutPrefix(r.Annotations["runbook_url"], runbookURL)
		if !found || anchor != strings.ToLower(r.Alert) {
			t.Errorf("%s: runbook_url is %q", r.Alert, r.Annotations["runbook_url"])
		}
		if !dashboardURL.MatchString(r.Annotations["dashboard_url"]) {
			t.Errorf("%s: dashboard_url is %q", r.Alert, r.Annotations["dashboard_url"])
		}
		if r.For == "" {
			t.Errorf("%s: it has no for, so a single evaluation makes it fire", r.Alert)
		}
		if _, exists := sections[anchor]; !exists {
			t.Errorf("%s: the runbook has no section with the anchor %q", r.Alert, anchor)
		}
	}
}

// TestRunbook_Sections checks that each section belongs to an alert and has all
// its parts.
func TestRunbook_Sections(t *testing.T) {
	names := map[string]bool{}
	for _, r := range alerts(t) {
		names[strings.ToLower(r.Alert)] = true
	}
	for anchor, text := range runbook(t) {
		if !names[anchor] {
			t.Errorf("section %s: there is no such alert", anchor)
		}
		for _, part := range []string{"**Meaning.**", "**Impact.**", "**Diagnosis.**", "**Mitigation.**"} {
			if !strings.Contains(text, part) {
				t.Errorf("section %s: does not say %q", anchor, part)
			}
		}
	}
}

// thresholdTexts has, for each threshold of settings.yml, the alert in whose
// section the runbook gives it, the words there with {} for the number, and how
// much one unit of these words is.
var thresholdTexts = map[string]struct {
	alert, words string
	unit         float64
}{
	"failing_streak_runs":       {"EmpiricalFailingStreak", "last {} or more", 1},
	"streak_by_chance_days":     {"EmpiricalFailingStreak", "every {} days", 1},
	"run_failure_ratio":         {"EmpiricalRunFailureRatioHigh", "{} % or more failed or broke", 0.01},
	"run_failures":              {"EmpiricalRunFailureRatioHigh", "and {} or more", 1},
	"run_failure_rise":          {"EmpiricalRunFailureRatioHigh", "at least {} times", 1},
	"test_failure_ratio":        {"EmpiricalTestFailureRatioHigh", "{} % or more failed", 0.01},
	"test_failure_runs":         {"EmpiricalTestFailureRatioHigh", "in {} or more failed runs", 1},
	"no_pass_seconds":           {"EmpiricalNoPassedRun", "{} hours or more", 3600},
	"no_pass_min_streak_runs":   {"EmpiricalNoPassedRun", "at least {} runs in a row", 1},
	"no_run_seconds":            {"EmpiricalNoRun", "for {} days", 86400},
	"no_run_gaps":               {"EmpiricalNoRun", "for {} times the longest", 1},
	"flaky_ratio":               {"EmpiricalFlakyRatioHigh", "{} % or more of the executed tests", 0.01},
	"flaky_tests":               {"EmpiricalFlakyRatioHigh", "{} or more did", 1},
	"flaky_rise":                {"EmpiricalFlakyRatioRisen", "at least {} times", 1},
	"flaky_rise_floor_ratio":    {"EmpiricalFlakyRatioRisen", "at least {} %", 0.01},
	"flaky_rise_tests":          {"EmpiricalFlakyRatioRisen", "{} or more flaky tests more than", 1},
	"flaky_rise_runs":           {"EmpiricalFlakyRatioRisen", "in {} or more runs", 1},
	"ratio_min_runs":            {"EmpiricalFlakyRatioRisen", "at least {} runs", 1},
	"duration_rise":             {"EmpiricalRunDurationRisen", "at least {} times", 1},
	"duration_rise_min_seconds": {"EmpiricalRunDurationRisen", "at least {} minutes longer", 60},
	"stuck_pending_seconds":     {"EmpiricalRunStuck", "pending for {} hours", 3600},
	"stuck_queued_seconds":      {"EmpiricalRunStuck", "queued for {} hour", 3600},
	"stuck_started_seconds":     {"EmpiricalRunStuck", "started for {} hours", 3600},
	"stuck_cancelling_seconds":  {"EmpiricalRunStuck", "cancelling for {} hours", 3600},
	"waiting_runs":              {"EmpiricalQueueBackedUp", "{} or more runs", 1},
	"waiting_seconds":           {"EmpiricalQueueBackedUp", "{} minutes or more", 60},
	"queue_time_seconds":        {"EmpiricalQueueTimeHigh", "{} minutes or more", 60},
	"run_errors":                {"EmpiricalRunErrors", "{} or more runs", 1},
	"run_error_ratio":           {"EmpiricalRunErrors", "at least {} %", 0.01},
	"snapshot_age_seconds":      {"EmpiricalSnapshotStale", "more than {} minutes", 60},
	"refused_runs":              {"EmpiricalRunsRefused", "{} or more items", 1},
	"unseen_seconds":            {"EmpiricalProjectUnseen", "threshold is {} minutes", 60},
	"outage_projects":           {"EmpiricalSharedOutage", "{} or more projects", 1},
	"outage_ratio":              {"EmpiricalSharedOutage", "{} % of all", 0.01},
}

// TestRunbook_Thresholds compares the figures in the runbook with settings.yml.
func TestRunbook_Thresholds(t *testing.T) {
	sections := runbook(t)
	for _, r := range rules(t) {
		name, is := strings.CutPrefix(r.Record, "empirical:threshold:")
		if !is {
			continue
		}
		text, known := thresholdTexts[name]
		if !known {
			t.Errorf("the runbook does not give the threshold %s", name)
			continue
		}
		number := strconv.FormatFloat(product(t, r.Expr)/text.unit, 'g', 3, 64)
		words := strings.ReplaceAll(text.words, "{}", number)
		if section := strings.Join(strings.Fields(sections[strings.ToLower(text.alert)]), " "); !strings.Contains(section, words) {
			t.Errorf("%s is %s, so section %s should say %q:\n%s", name, r.Expr, text.alert, words, section)
		}
	}
}

// product returns the value of an expression such as 4 * 60.
func product(t *testing.T, expr string) float64 {
	t.Helper()
	value := 1.0
	for factor := range strings.SplitSeq(expr, "*") {
		number, err := strconv.ParseFloat(strings.TrimSpace(factor), 64)
		if err != nil {
			t.Fatalf("%q is neither a number nor a product of numbers: %v", expr, err)
		}
		value *= number
	}
	return value
}

// runbook returns the sections of the runbook by their anchors.
func runbook(t *testing.T) map[string]string {
	t.Helper()
	sections := map[string]string{}
	for _, part := range strings.Split(read(t, "runbook.md"), "\n## ")[1:] {
		heading, text, _ := strings.Cut(part, "\n")
		sections[strings.ToLower(heading)] = text
	}
	return sections
}
