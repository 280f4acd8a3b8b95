package collector_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// shownBranches returns the branches that have series.
func (s *stage) shownBranches() string {
	s.t.Helper()
	shown, _ := s.gather()
	all := map[string]bool{}
	for series := range shown.only("empirical_runs") {
		_, rest, _ := strings.Cut(series, `branch="`)
		branch, _, _ := strings.Cut(rest, `"`)
		all[branch] = true
	}
	return fmt.Sprint(slices.Sorted(maps.Keys(all)))
}

func TestGroupsPastTheLimitAreFolded(t *testing.T) {
	t.Parallel()
	for kind, stateless := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			config := testConfig()
			config.MaxGroups = 2
			s := newStage(t, newTestClock(), stateless, config)
			at := s.clock.Now()
			add := func(id int64, branch string, ago time.Duration) {
				s.project.Add(apitest.Run{ID: id, State: "ended", Branch: new(branch), CreatedAt: at.Add(-ago)})
			}
			add(1, "big", 5*day)
			add(2, "big", 5*day)
			add(3, "other", time.Minute) // never among the limited
			add(4, "older", 2*time.Hour)
			add(6, "a", time.Hour) // as new as b but for the id, though first by name
			add(7, "b", time.Hour)
			s.start()
			s.mustBeRight("at first")
			if got := s.shownBranches(); got != "[b big other]" {
				t.Errorf("%s are shown, want b, big and other", got)
			}
			add(8, "a", 3*day)
			s.mustBeRight("a has two runs")
			if got := s.shownBranches(); got != "[a big other]" {
				t.Errorf("%s are shown, want a, big and other", got)
			}
			s.clock.advance(3*day + time.Hour)
			s.mustBeRight("the runs of big have left the lookback")
			if got := s.shownBranches(); got != "[a b other]" {
				t.Errorf("%s are shown, want a, b and other", got)
			}
		})
	}
}

func TestBranchesThatDoNotMatchAreFolded(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.Branches = regexp.MustCompile(`^(?s:main|release.*|other)$`)
	s := newStage(t, newTestClock(), false, config)
	for i, branch := range []string{"main", "mainline", "release\n1", "other", "feat", ""} {
		s.addRun(int64(i+1), branch, "ended")
	}
	s.start()
	s.mustBeRight("at first")
	if got, want := s.shownBranches(), `[main other release\n1]`; got != want {
		t.Errorf("%s are shown, want %s", got, want)
	}
	shown, others := s.gather()
	if n, err := shown.value("empirical_runs{", `branch="other"`, `state="ended"`); err != nil || n != 4 {
		t.Errorf("%v runs of other, want 4 (%v)", n, err)
	}
	for series := range shown {
		if strings.Contains(series, `branch="other"`) && (strings.HasPrefix(series, "empirical_last_") || strings.HasPrefix(series, "empirical_failing_")) {
			t.Errorf("%s tells of the last run of a mixture", series)
		}
	}
	if n, err := others.value("empirical_exporter_folded_groups{"); err != nil || n != 4 {
		t.Errorf("%v pairs folded, want 4 (%v)", n, err)
	}
}

// When folding moves a branch nothing is carried over, and what had finished
// before counts nowhere again.
func TestFoldingMovesNoCounts(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.MaxGroups, config.ZeroHold = 1, 0
	s := newStage(t, newTestClock(), false, config)
	s.addRun(1, "main", "started")
	s.start()
	s.scrapeOnce()
	s.endRun(1, 1)
	s.scrapeOnce()
	s.counted(10, "alone", "empirical_tests_total{", `branch="main"`)

	s.addRun(2, "busy", "started")
	s.addRun(3, "busy", "started")
	s.scrapeOnce()
	s.gather()
	s.counted(0, "folded", "empirical_tests_total{", `branch="other"`)
	s.endRun(2, 0)
	s.scrapeOnce()
	s.counted(10, "busy", "empirical_tests_total{", `branch="busy"`)

	for id := int64(4); id < 7; id++ {
		s.addRun(id, "main", "started")
	}
	s.scrapeOnce()
	s.gather()
	s.counted(0, "main is back", "empirical_tests_total{", `branch="main"`)
}
