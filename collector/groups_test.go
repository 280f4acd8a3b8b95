package collector_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// wantBranches wants the last scrape to show these branches and no other.
func (tb *testbed) wantBranches(want ...string) {
	tb.Helper()
	var got []string
	for series := range tb.shown.with("empirical_runs", labels{"state": "ended"}) {
		_, rest, _ := strings.Cut(series, "branch=")
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			tb.Fatalf("%s: %v", series, err)
		}
		branch, err := strconv.Unquote(quoted)
		if err != nil {
			tb.Fatalf("%s: %v", series, err)
		}
		got = append(got, branch)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		tb.Errorf("branches %q are shown, want %q", got, want)
	}
}

func TestGroups_PastTheLimitAreFolded(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, configure: func(c *collector.Config) { c.MaxGroups = 2 }})
		at := tb.clock.Now()
		add := func(id int64, branch string, ago time.Duration) {
			tb.project.Add(apitest.Run{ID: id, State: "ended", Branch: new(branch), CreatedAt: at.Add(-ago)})
		}
		add(1, "big", 5*day)
		add(2, "big", 5*day)
		add(3, "other", time.Minute) // never among the limited
		add(4, "older", 2*time.Hour)
		add(6, "a", time.Hour) // as new as b but for the id, though first by name
		add(7, "b", time.Hour)
		tb.start()
		tb.scrape()
		tb.wantAll("at first")
		tb.wantBranches("b", "big", "other")

		add(8, "a", 3*day)
		tb.scrape()
		tb.wantAll("a has two runs")
		tb.wantBranches("a", "big", "other")

		tb.clock.advance(3*day + time.Hour)
		tb.scrape()
		tb.wantAll("the runs of big have left the lookback")
		tb.wantBranches("a", "b", "other")
	})
}

// A busy feature branch folds no branch that is to be kept, as long as others are
// left. Among those to be kept the order is the usual one.
func TestGroups_KeptBranchesAreFoldedLast(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, configure: func(c *collector.Config) { c.MaxGroups = 2 }})
		for id, branch := range []string{"feat/busy", "feat/busy", "feat/busy", "feat/other", "feat/other", "mainline", "mainline", "main"} {
			tb.addRun(int64(id+1), branch, "ended")
		}
		tb.start()
		tb.scrape()
		tb.wantAll("with the default")
		tb.wantBranches("feat/busy", "main", "other")
		tb.wantSample("empirical_exporter_folded_groups", nil, 2)

		tb.project.settings.KeepBranches = regexp.MustCompile(`^(?s:main|mainline|feat/other)$`)
		tb.setKeys(tb.project)
		tb.collect()
		tb.wantAll("with an expression of its own")
		tb.wantBranches("feat/other", "mainline", "other")
		tb.wantSample("empirical_runs", labels{"branch": "other", "state": "ended"}, 4)
	})
}

func TestGroups_BranchesThatDoNotMatchAreFolded(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) {
		c.Branches = regexp.MustCompile(`^(?s:main|release.*|other)$`)
	}})
	for i, branch := range []string{"main", "mainline", "release\n1", "other", "feat", ""} {
		tb.addRun(int64(i+1), branch, "ended")
	}
	tb.start()
	tb.scrape()
	tb.wantAll("at first")
	tb.wantBranches("main", "other", "release\n1")
	tb.wantSample("empirical_runs", labels{"branch": "other", "state": "ended"}, 4)
	tb.wantSample("empirical_exporter_folded_groups", nil, 4)
	for series := range tb.shown { // the last run of a mixture says nothing
		if has(series, labels{"branch": "other"}) && (strings.HasPrefix(series, "empirical_last_") || strings.HasPrefix(series, "empirical_failing_")) {
			t.Errorf("%s is shown", series)
		}
	}
}

// Tens of thousands of branches are in the lookback: what is shown stays
// bounded, and nothing is lost from the sums.
func TestGroups_ManyBranches(t *testing.T) {
	t.Parallel()
	const branches, environments, shown = 20_000, 3, 200
	tb := newTestbed(t, setup{})
	runs := make([]apitest.Run, branches)
	for i := range runs {
		runs[i] = apitest.Run{
			State: "ended", CreatedAt: tb.clock.Now().Add(-time.Duration(i) * 6 * time.Second),
			Branch: new(fmt.Sprintf("feat/%d", i)), EnvironmentSlug: new(fmt.Sprintf("env-%d", i%environments)),
			TotalCount: new(int64(7)), SuccessCount: new(int64(7)),
		}
	}
	tb.project.AddAll(runs)
	tb.start()
	tb.scrape()
	ended := tb.shown.with("empirical_runs", labels{"state": "ended"})
	if sum := ended.sum(); sum != branches || len(ended) != shown+environments {
		t.Errorf("%v runs in %v groups, want %d in %d", sum, len(ended), branches, shown+environments)
	}
	if n := len(tb.shown); n > 100*(shown+environments) {
		t.Errorf("%d series of %d groups", n, shown+environments)
	}
	tb.wantSample("empirical_exporter_folded_groups", nil, branches-shown)
	tb.wantSample("empirical_exporter_runs", nil, branches)
}

// A free text must not become a label.
func TestErrorCodes_WellFormed(t *testing.T) {
	t.Parallel()
	codes := map[string]string{
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
	}
	tb := newTestbed(t, setup{})
	for code := range codes {
		tb.project.Add(apitest.Run{State: "error", Branch: new("of " + code), ErrorCode: new(code), CreatedAt: tb.clock.Now()})
	}
	tb.start()
	tb.scrape()
	tb.wantAll("with all codes")
	for code, label := range codes {
		tb.wantSample("empirical_recent_run_errors", labels{"branch": "of " + code, "window": "1d", "error_code": label}, 1)
		tb.wantSample("empirical_last_completed_run_info", labels{"branch": "of " + code, "error_code": label}, 1)
	}
}

func TestErrorCodes_NoFlood(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	add := func(codes ...string) {
		for _, code := range codes {
			tb.project.Add(apitest.Run{State: "error", Branch: new("main"), ErrorCode: new(code), CreatedAt: tb.clock.Now()})
		}
	}
	for i := range 30 {
		add(fmt.Sprintf("code_%d", i))
	}
	add("The disk is full", "9code", "merge_conflict", "frequent", "frequent")
	tb.start()
	tb.scrape()
	errors := tb.shown.with("empirical_recent_run_errors", labels{"window": "1d"})
	if sum := errors.sum(); sum != 30+2+1+2 {
		t.Errorf("%v errors under all codes, want 35", sum)
	}
	if n := len(errors); n != 20+2 {
		t.Errorf("%v codes are shown, want 20 undocumented, merge_conflict and unknown", n)
	}
	tb.wantSample("empirical_recent_run_errors", labels{"window": "1d", "error_code": "merge_conflict"}, 1)
	tb.wantSample("empirical_recent_run_errors", labels{"window": "1d", "error_code": "frequent"}, 2)
}

// A run belongs to the last W when created_at > now - W, with now the moment of
// the scrape and not of the last refresh.
func TestWindows_EndAtTheScrape(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		for _, span := range []time.Duration{day, 7 * day, 8 * day} {
			for _, beside := range []time.Duration{-time.Second, -time.Millisecond, 0, time.Millisecond, time.Second} {
				tb.project.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now().Add(-span - beside)})
			}
		}
		tb.start()
		tb.scrape()
		tb.wantAll("at first")
		for _, want := range []struct{ recent, week, all float64 }{
			{2, 7, 12}, // those a second and a millisecond inside
			{1, 6, 11},
		} {
			tb.collect()
			tb.wantSample("empirical_recent_runs", labels{"window": "1d", "outcome": "passed"}, want.recent)
			tb.wantSample("empirical_recent_runs", labels{"window": "7d", "outcome": "passed"}, want.week)
			tb.wantSample("empirical_runs", labels{"state": "ended"}, want.all)
			tb.clock.advance(time.Millisecond) // and no refresh
		}
	})
}

// A little ahead of the clock is clock skew and counts; more than a day is not
// trusted.
func TestWindows_RunsAheadOfTheClock(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		for _, ahead := range []time.Duration{time.Minute, day, day + time.Millisecond, 300 * day} {
			tb.project.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now().Add(ahead)})
		}
		tb.start()
		tb.scrape()
		tb.wantAll("at first")
		tb.wantSample("empirical_exporter_refused_runs_total", labels{"reason": "created_at"}, 2)
		tb.wantSample("empirical_exporter_runs", nil, 2)
		tb.clock.advance(time.Millisecond)
		tb.scrape()
		tb.wantAll("a millisecond later one more is a day ahead")
		tb.wantSample("empirical_exporter_runs", nil, 3)
	})
}
