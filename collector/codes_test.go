package collector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A free text must not become a label.
func TestErrorCodesThatAreNoCodes(t *testing.T) {
	t.Parallel()
	for code, label := range map[string]string{
		"merge_conflict":            "merge_conflict",
		"out_of_disk_2":             "out_of_disk_2",
		"c":                         "c",
		strings.Repeat("c", 64):     strings.Repeat("c", 64),
		strings.Repeat("c", 65):     "unknown",
		"The disk is full":          "unknown",
		"Code":                      "unknown",
		"9code":                     "unknown",
		"_code":                     "unknown",
		"co-de":                     "unknown",
		"code\n":                    "unknown",
		"":                          "unknown",
		"unknown":                   "unknown",
		"{\"error\": \"nested\"}\n": "unknown",
	} {
		s := newStage(t, newTestClock(), false, testConfig())
		s.project.Add(apitest.Run{State: "error", ErrorCode: new(code), CreatedAt: s.clock.Now()})
		s.start()
		s.mustBeRight(code)
		shown, _ := s.gather()
		for _, parts := range [][]string{{"empirical_recent_run_errors{", `window="1d"`}, {"empirical_last_completed_run_info{"}} {
			if _, err := shown.value(append(parts, fmt.Sprintf("error_code=%q", label))...); err != nil {
				t.Errorf("%q: %v", code, err)
			}
		}
	}
}

func TestErrorCodesBecomeNoFlood(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTestClock(), false, testConfig())
	add := func(code string) {
		s.project.Add(apitest.Run{State: "error", Branch: new("main"), ErrorCode: new(code), CreatedAt: s.clock.Now()})
	}
	for i := range 30 {
		add(fmt.Sprintf("code_%d", i))
	}
	for _, free := range []string{"The disk is full", "Code", "9code", "co-de", "code\n", "", strings.Repeat("c", 65)} {
		add(free)
	}
	add("merge_conflict")
	add(strings.Repeat("c", 64)) // as long as a code may be
	for range 2 {
		add("frequent")
	}
	s.start()
	s.refresh()
	shown, _ := s.gather()
	var sum, undocumented float64
	for series, count := range shown.only("empirical_recent_run_errors") {
		if strings.Contains(series, `window="1d"`) {
			sum += count
			if !strings.Contains(series, `"unknown"`) && !strings.Contains(series, `"merge_conflict"`) {
				undocumented++
			}
		}
	}
	if want := float64(30 + 7 + 1 + 1 + 2); sum != want {
		t.Errorf("%v errors under all codes, want %v", sum, want)
	}
	if undocumented != 20 {
		t.Errorf("%v undocumented codes, want 20", undocumented)
	}
	if n, err := shown.value("empirical_recent_run_errors{", `window="1d"`, `error_code="merge_conflict"`); err != nil || n != 1 {
		t.Errorf("%v merge conflicts, want 1 (%v)", n, err)
	}
	if n, err := shown.value("empirical_recent_run_errors{", `window="1d"`, `error_code="frequent"`); err != nil || n != 2 {
		t.Errorf("%v of the most frequent undocumented code, want 2 (%v)", n, err)
	}
}
