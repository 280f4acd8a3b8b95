package prometheus_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

const runbookURL = "https://github.com/empirical-exporter/empirical_exporter/blob/main/deploy/prometheus/runbook.md#"

// TestAlerts_Annotations checks that each alert has a severity, texts, a wait and
// a section in the runbook.
func TestAlerts_Annotations(t *testing.T) {
	sections := runbook(t)
	for _, r := range alerts(t) {
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s: severity is %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: no summary or no description", r.Alert)
		}
		anchor, found := strings.CutPrefix(r.Annotations["runbook_url"], runbookURL)
		if !found || anchor != strings.ToLower(r.Alert) {
			t.Errorf("%s: runbook_url is %q", r.Alert, r.Annotations["runbook_url"])
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
		for _, part := range []string{"What it means.", "How to check", "hat to do.", "When to silence."} {
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
	"run_failure_ratio warning":        {"EmpiricalRunFailureRatioHigh", "{} % or more failed or broke (warning)", 0.01},
	"run_failure_ratio critical":       {"EmpiricalRunFailureRatioHigh", "{} % or more (critical)", 0.01},
	"ratio_min_runs":                   {"EmpiricalRunFailureRatioHigh", "at least {} completed runs", 1},
	"test_failure_ratio":               {"EmpiricalTestFailureRatioHigh", "{} % or more failed", 0.01},
	"failing_streak_runs":              {"EmpiricalFailingStreak", "last {} or more completed runs", 1},
	"no_pass_seconds":                  {"EmpiricalNoPassedRun", "passed for {} hours", 3600},
	"no_pass_min_streak_runs":          {"EmpiricalNoPassedRun", "at least {} runs in a row", 1},
	"no_run_seconds":                   {"EmpiricalNoRun", "for {} days", 86400},
	"no_run_min_runs":                  {"EmpiricalNoRun", "at least {} in the lookback", 1},
	"flaky_ratio":                      {"EmpiricalFlakyRatioHigh", "{} % or more of the executed tests", 0.01},
	"flaky_rise":                       {"EmpiricalFlakyRatioRisen", "at least {} times", 1},
	"flaky_rise_floor_ratio":           {"EmpiricalFlakyRatioRisen", "at least {} %", 0.01},
	"duration_rise":                    {"EmpiricalRunDurationRisen", "at least {} times", 1},
	"duration_rise_min_seconds":        {"EmpiricalRunDurationRisen", "at least {} minutes longer", 60},
	"stuck_seconds pending":            {"EmpiricalRunStuckPending", "more than {} hours ago", 3600},
	"stuck_seconds queued":             {"EmpiricalRunStuckQueued", "more than {} hour ago", 3600},
	"stuck_seconds started":            {"EmpiricalRunStuckStarted", "more than {} hours ago", 3600},
	"stuck_seconds cancelling":         {"EmpiricalRunStuckCancelling", "more than {} hours ago", 3600},
	"waiting_runs":                     {"EmpiricalQueueBackedUp", "{} or more runs", 1},
	"run_errors merge_conflict":        {"EmpiricalMergeConflict", "{} or more runs", 1},
	"run_errors dispatch_failed":       {"EmpiricalDispatchFailed", "{} or more runs", 1},
	"run_errors report_not_generated":  {"EmpiricalReportNotGenerated", "{} or more runs", 1},
	"run_errors run_failed_with_error": {"EmpiricalRunFailedWithError", "{} or more runs", 1},
	"run_errors worker_interrupted":    {"EmpiricalWorkerInterrupted", "{} or more runs", 1},
	"run_errors merge_reports_failed":  {"EmpiricalMergeReportsFailed", "{} or more sharded runs", 1},
	"run_errors other":                 {"EmpiricalOtherRunError", "{} or more runs", 1},
	"snapshot_age_seconds":             {"EmpiricalSnapshotStale", "more than {} minutes", 60},
	"folded_groups":                    {"EmpiricalBranchesFolded", "Some branches", 1}, // 0: any
}

// TestRunbook_Thresholds compares the figures in the runbook with settings.yml.
func TestRunbook_Thresholds(t *testing.T) {
	sections := runbook(t)
	for _, r := range rules(t) {
		name, is := strings.CutPrefix(r.Record, "empirical:threshold:")
		if !is {
			continue
		}
		for _, value := range r.Labels {
			name += " " + value
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
