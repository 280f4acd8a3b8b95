package apitest_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

const (
	testCasesPath = "/api/v2/analytics/test-cases?"
	dailyRunsPath = "/api/v2/analytics/test-runs?"
)

type testCase struct {
	ID          string `json:"test_case_id"`
	Name        string `json:"test_name"`
	FilePath    string `json:"file_path"`
	ProjectName string `json:"project_name"`
	Tags        []string
	LastRunAt   *string `json:"last_run_at"`
	Metrics     struct {
		Runs      int64 `json:"total_runs"`
		Passed    int64 `json:"pass_count"`
		Failed    int64 `json:"fail_count"`
		Flaky     int64 `json:"flaky_count"`
		FailRate  int64 `json:"fail_rate"`
		FlakyRate int64 `json:"flaky_rate"`
	}
}

type analytics struct {
	TestCases []testCase `json:"test_cases"`
	Daily     []map[string]any
	Summary   map[string]int64
}

func fetchAnalytics(t *testing.T, server *apitest.Server, path string) analytics {
	t.Helper()
	got, err := fetchAs(server, "GET", path, "Bearer key-1")
	if err != nil || got.status != 200 {
		t.Fatalf("GET %s: %+v, %v", path, got, err)
	}
	var doc struct{ Data analytics }
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Data
}

// sums are executions of tests by outcome, as the analytics count them.
type sums struct{ passed, failed, flaky int64 }

// The tests and the days add up to what the runs say, whatever the days.
func TestAnalytics_AgreeWithTheRuns(t *testing.T) {
	server, project := newServer(t)
	project.AddAll(synth.Bulk(3, 2000, 40, noon.AddDate(0, 0, -10), noon))
	for _, days := range []int{1, 3, 9} {
		from := noon.AddDate(0, 0, -days)
		var want, tests, daily sums
		for _, run := range project.Runs() {
			if run.State == "ended" && run.CreatedAt.After(from) {
				want.passed += *run.SuccessCount - *run.FlakyCount
				want.failed += *run.FailedCount
				want.flaky += *run.FlakyCount
			}
		}
		for _, c := range fetchAnalytics(t, server, fmt.Sprintf("%sdays=%d&limit=500", testCasesPath, days)).TestCases {
			tests.passed += c.Metrics.Passed
			tests.failed += c.Metrics.Failed
			tests.flaky += c.Metrics.Flaky
			if c.Metrics.Passed+c.Metrics.Failed+c.Metrics.Flaky != c.Metrics.Runs {
				t.Errorf("%+v does not add up", c)
			}
		}
		if tests != want || want.failed == 0 || want.flaky == 0 {
			t.Errorf("%d days: the tests add up to %+v, the runs to %+v", days, tests, want)
		}
		midnight := from.Truncate(24 * time.Hour)
		var runs sums
		for _, run := range project.Runs() {
			if run.State == "ended" && !run.CreatedAt.Before(midnight) {
				runs.passed += *run.SuccessCount - *run.FlakyCount
				runs.failed += *run.FailedCount
				runs.flaky += *run.FlakyCount
			}
		}
		for _, d := range fetchAnalytics(t, server, fmt.Sprintf("%sdays=%d", dailyRunsPath, days+1)).Daily {
			daily.passed += int64(d["passed_tests"].(float64))
			daily.failed += int64(d["failed_tests"].(float64))
			daily.flaky += int64(d["flaky_tests"].(float64))
		}
		if daily != runs {
			t.Errorf("%d days: the days add up to %+v, the runs to %+v", days, daily, runs)
		}
	}
}

// One run decides about each of its tests: no test has two fates, and those that
// failed are not those that passed.
func TestTestCases_OfOneRun(t *testing.T) {
	for _, c := range []struct{ success, failed, skipped, flaky int64 }{
		{10, 0, 0, 0}, {8, 2, 1, 3}, {5, 5, 0, 5}, {0, 4, 0, 0}, {1, 9, 0, 1}, {3, 3, 2, 2}, {0, 0, 3, 0}, {2, 0, 0, 7},
	} {
		for id := range int64(40) {
			server, project := newServer(t)
			project.Add(apitest.Run{
				ID: id + 1, State: "ended", SuccessCount: &c.success, FailedCount: &c.failed, SkippedCount: &c.skipped, FlakyCount: &c.flaky,
			})
			got := fetchAnalytics(t, server, testCasesPath)
			var sum sums
			for _, test := range got.TestCases {
				m := test.Metrics
				sum.passed += m.Passed
				sum.failed += m.Failed
				sum.flaky += m.Flaky
				if m.Passed < 0 || m.Runs > 1 || m.Passed+m.Failed+m.Flaky != m.Runs || (test.LastRunAt == nil) != (m.Runs == 0) {
					t.Fatalf("run %d with %+v: a test is %+v", id+1, c, test)
				}
			}
			flaky := min(c.flaky, c.success)
			if want := (sums{c.success - flaky, c.failed, flaky}); sum != want || int64(len(got.TestCases)) != c.success+c.failed+c.skipped {
				t.Fatalf("run %d with %+v: %+v in %d tests", id+1, c, sum, len(got.TestCases))
			}
			server.Close()
		}
	}
}

func TestTestCases_Query(t *testing.T) {
	server, project := newServer(t)
	add := func(environment string, age time.Duration, success, failed, flaky int64) {
		project.Add(apitest.Run{
			State: "ended", CreatedAt: noon.Add(-age), EnvironmentSlug: &environment,
			SuccessCount: &success, FailedCount: &failed, FlakyCount: &flaky,
		})
	}
	for i := range int64(40) {
		add("staging", time.Duration(i)*time.Hour, 9, 1, 1)
	}
	add("production", 10*24*time.Hour, 1, 0, 0)
	project.SetTests(
		apitest.Test{Name: "a \"quoted\"\nname", FilePath: "a.spec.ts", Tags: []string{"@slow"}},
		apitest.Test{Name: "b", Deleted: true})
	all := fetchAnalytics(t, server, testCasesPath+"days=2")
	if len(all.TestCases) != 10 || all.Summary["total_test_cases"] != 10 || all.Summary["test_cases_with_history"] != 10 {
		t.Errorf("%+v", all)
	}
	for _, test := range all.TestCases {
		if !regexp.MustCompile(`^[0-9a-f]{20}.[0-9a-f]{20}$`).MatchString(test.ID) || test.Metrics.Runs != 40 {
			t.Errorf("%+v", test)
		}
	}
	for query, want := range map[string]int{
		"limit=3": 3, "test_case_id=" + all.TestCases[4].ID: 1, "test_case_id=x": 0,
		"is_active=true": 9, "is_active=false": 1, "tags=@slow": 1, "tags=@slow,@smoke": 2,
		"start_date=2026-02-20&end_date=2026-02-20": 10,
	} {
		if got := fetchAnalytics(t, server, testCasesPath+query); len(got.TestCases) != want {
			t.Errorf("?%s: %d tests, want %d", query, len(got.TestCases), want)
		}
	}
	if got := fetchAnalytics(t, server, testCasesPath+"days=20&environment_id=2"); got.Summary["test_cases_with_history"] != 1 {
		t.Errorf("in production: %+v", got.Summary)
	}
	for _, order := range []string{"fail_rate", "flaky_rate"} {
		var rates []int64
		for _, test := range fetchAnalytics(t, server, testCasesPath+"days=2&order_by="+order).TestCases {
			rates = append(rates, map[string]int64{"fail_rate": test.Metrics.FailRate, "flaky_rate": test.Metrics.FlakyRate}[order])
		}
		ascending := slices.Clone(rates)
		slices.Sort(ascending)
		slices.Reverse(rates)
		if !slices.Equal(rates, ascending) || rates[0] == rates[9] {
			t.Errorf("by %s, lowest last: %v", order, rates)
		}
	}
}

func TestDailyRuns(t *testing.T) {
	server, project := newServer(t)
	midnight := noon.Truncate(24 * time.Hour)
	two, one, none := int64(2), int64(1), int64(0)
	project.AddAll([]apitest.Run{
		{State: "ended", CreatedAt: midnight.Add(-time.Millisecond), Branch: new("main"), SuccessCount: &two, FailedCount: &two, FailedCountAfterSnoozing: &one, FlakyCount: &one},
		{State: "ended", CreatedAt: midnight, Branch: new("main"), SuccessCount: &two, FailedCount: &two, FailedCountAfterSnoozing: &none},
		{State: "error", CreatedAt: midnight},
		{State: "cancelled", CreatedAt: noon},
		{State: "started", CreatedAt: noon, SuccessCount: &two},
	})
	day := func(date string, values ...int) string {
		keys := strings.Fields("run_count passed_runs failed_runs error_runs cancelled_runs rerun_count total_tests passed_tests failed_tests failed_tests_after_snooze flaky_tests")
		text := date
		for i, key := range keys {
			text += fmt.Sprintf(" %s:%d", key, values[i])
		}
		return text
	}
	first := day("2026-02-28", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	second := day("2026-03-01", 1, 0, 1, 0, 0, 0, 4, 1, 2, 1, 1)
	third := day("2026-03-02", 4, 1, 0, 1, 1, 0, 4, 2, 2, 0, 0)
	for query, want := range map[string][]string{
		"days=3": {first, second, third},
		"start_date=2026-02-28&end_date=2026-03-01":           {first, second},
		"start_date=2026-03-01T05:00:00Z&end_date=2026-03-01": {second},
		"days=1&branch=main":                                  {day("2026-03-02", 1, 1, 0, 0, 0, 0, 4, 2, 2, 0, 0)},
	} {
		var got []string
		for _, d := range fetchAnalytics(t, server, dailyRunsPath+query).Daily {
			number := func(key string) int { return int(d[key].(float64)) }
			got = append(got, day(d["date"].(string), number("run_count"), number("passed_runs"), number("failed_runs"), number("error_runs"),
				number("cancelled_runs"), number("rerun_count"), number("total_tests"), number("passed_tests"), number("failed_tests"),
				number("failed_tests_after_snooze"), number("flaky_tests")))
		}
		if !slices.Equal(got, want) {
			t.Errorf("?%s:\n%s\nwant\n%s", query, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if got := fetchAnalytics(t, server, dailyRunsPath+"days=2").Summary; got["total_runs"] != 5 || got["pass_rate"] != 33 || got["avg_tests_per_run"] != 4 {
		t.Errorf("summary %v", got)
	}
}

func TestAnalytics_Errors(t *testing.T) {
	server, _ := newServer(t)
	for path, message := range map[string]string{
		testCasesPath + "days=91":                                   "days must be at most 90",
		testCasesPath + "limit=501":                                 "limit must be at most 500",
		testCasesPath + "limit_history=101":                         "limit_history must be at most 100",
		testCasesPath + "order_by=name":                             "order_by must be one of fail_rate, flaky_rate, last_run",
		testCasesPath + "order=up":                                  "order must be one of asc, desc",
		testCasesPath + "is_active=1":                               "is_active must be one of true, false",
		dailyRunsPath + "days=0":                                    "days must be at least 1",
		dailyRunsPath + "start_date=2026-03-01":                     "start_date and end_date must be given together",
		dailyRunsPath + "start_date=x&end_date=2026-03-01":          "start_date must be a date",
		dailyRunsPath + "start_date=2026-03-01&end_date=x":          "end_date must be a date",
		dailyRunsPath + "start_date=2026-03-02&end_date=2026-03-01": "must be 1 to 90 days",
		dailyRunsPath + "start_date=2025-03-02&end_date=2026-03-01": "must be 1 to 90 days",
	} {
		got, err := fetchAs(server, "GET", path, "Bearer key-1")
		if err != nil || got.status != 400 || !strings.Contains(got.Error.Message, message) {
			t.Errorf("%s: %+v, %v; want 400 with %q", path, got, err, message)
		}
	}
	if got, err := fetchAs(server, "GET", testCasesPath, "Bearer no"); err != nil || got.status != 401 {
		t.Errorf("with a wrong key: %+v, %v", got, err)
	}
}

// A fault for one path costs the others nothing.
func TestInject_OnePath(t *testing.T) {
	server, project := newServer(t)
	project.Add(apitest.Run{State: "ended", SuccessCount: new(int64(3))})
	server.Inject(apitest.Status(403, "no"), apitest.TestCases(), apitest.OrderBy("fail_rate"))
	server.Inject(apitest.EditTestCases(func(tests []any) []any { return tests[:1] }))
	server.Inject(apitest.EditDays(func(days []any) []any { return days[:2] }), apitest.DailyRuns())
	server.Inject(apitest.Status(500, "no"), apitest.Runs())
	for path, want := range map[string]int{
		"/api/test-runs?": 500, testCasesPath + "order_by=fail_rate": 403, testCasesPath: 200, dailyRunsPath: 200,
	} {
		if got, err := fetchAs(server, "GET", path, "Bearer key-1"); err != nil || got.status != want {
			t.Errorf("%s: status %d, %v; want %d", path, got.status, err, want)
		}
	}
	if got := fetchAnalytics(t, server, testCasesPath); len(got.TestCases) != 1 {
		t.Errorf("%d tests, want 1", len(got.TestCases))
	}
	if got := fetchAnalytics(t, server, dailyRunsPath); len(got.Daily) != 2 {
		t.Errorf("%d days, want 2", len(got.Daily))
	}
}
