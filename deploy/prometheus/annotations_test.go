package prometheus_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const runbookURL = "https://github.com/empirical-exporter/empirical_exporter/blob/main/deploy/prometheus/runbook.md#"

// TestEachAlertTellsWhatToDo sees to it that each alert has a severity, texts
// and a section of its own in the runbook.
func TestEachAlertTellsWhatToDo(t *testing.T) {
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
			t.Errorf("%s: fires at the first glance, without a for", r.Alert)
		}
		if _, there := sections[anchor]; !there {
			t.Errorf("%s: the runbook has no section with the anchor %q", r.Alert, anchor)
		}
	}
}

// TestRunbookSections sees to it that each section of the runbook says all it
// should, and belongs to an alert.
func TestRunbookSections(t *testing.T) {
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

func TestRunbookLinks(t *testing.T) {
	text, sections := read(t, "runbook.md"), runbook(t)
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if _, there := sections[link[1]]; !there {
			t.Errorf("the runbook links to #%s, which it does not have", link[1])
		}
	}
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
