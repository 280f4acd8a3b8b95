package apiclient

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestTestCases_Request(t *testing.T) {
	server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		want := map[int]string{
			1: "/base/api/v2/analytics/test-cases?days=7&limit=20&order=desc&order_by=flaky_rate",
			2: "/base/api/v2/analytics/test-cases?order=asc&order_by=last_run",
			3: "/base/api/v2/analytics/test-cases",
		}[n]
		if got := r.URL.RequestURI(); got != want || r.Header.Get("Authorization") != "Bearer the-key" {
			t.Errorf("%s with %q, want %s with the key", got, r.Header.Get("Authorization"), want)
		}
		_, _ = w.Write([]byte(`{"data":{"test_cases":[]}}`))
	})
	session := newTestClient(t, server.URL+"/base/").Session(nil)
	for _, query := range []TestCaseQuery{
		{Days: 7, Limit: 20, OrderBy: ByFlakyRate}, {OrderBy: ByLastRun, Ascending: true}, {},
	} {
		if _, err := session.TestCases(t.Context(), query); err != nil {
			t.Error(err)
		}
	}
}

func testCasesBody(entries ...string) []byte {
	return []byte(`{"data":{"test_cases":[` + strings.Join(entries, ",") + `],"summary":{"total_test_cases":"12","test_cases_with_history":3}}}`)
}

func TestDecodeTestCases(t *testing.T) {
	got, err := decodeTestCases(testCasesBody(
		`{"test_case_id":"0123456789abcdef0123-0123456789abcdef0123","test_name":"says \"hi\"\nto you","file_path":"a.spec.ts","project_name":"chromium",
			"tags":["@smoke"],"last_run_at":"2026-11-23 10:00:00.5Z","metrics":{"total_runs":20,"pass_count":"18","fail_count":1.0,"flaky_count":1,"pass_rate":"x"},"new":{}}`,
		`{"test_case_id":"b","test_name":null,"last_run_at":"lately","metrics":{"pass_count":0,"fail_count":null}}`,
		`{"test_case_id":"c","last_run_at":null,"metrics":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &TestCases{Total: Count{12, true}, Cases: []TestCase{
		{
			ID: "0123456789abcdef0123-0123456789abcdef0123", Name: "says \"hi\"\nto you", FilePath: "a.spec.ts", PlaywrightProject: "chromium",
			LastRunAt: time.Date(2026, 11, 23, 10, 0, 0, 5e8, time.UTC),
			Passed:    Count{18, true}, Failed: Count{1, true}, Flaky: Count{1, true},
		},
		{ID: "b", Passed: Count{0, true}},
		{ID: "c"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeTestCases_RefusesOneEntry(t *testing.T) {
	for entry, detail := range map[string]string{
		`null`:                                "it is not an object",
		`[]`:                                  "it is not an object",
		`"text"`:                              "it is not an object",
		`{}`:                                  "test_case_id is missing or empty",
		`{"test_case_id":""}`:                 "test_case_id is missing or empty",
		`{"test_case_id":null}`:               "test_case_id is missing or empty",
		`{"test_case_id":5}`:                  "test_case_id is not a text",
		`{"test_case_id":"a","test_name":5}`:  "test_name is not a text",
		`{"test_case_id":"a","file_path":{}}`: "file_path is not a text",
		`{"test_case_id":"a","project_name":["x"]}`:            "project_name is not a text",
		`{"test_case_id":"a","last_run_at":1}`:                 "last_run_at is not a text",
		`{"test_case_id":"a","metrics":[]}`:                    "metrics is not an object",
		`{"test_case_id":"a","metrics":"x"}`:                   "metrics is not an object",
		`{"test_case_id":"a","metrics":{"pass_count":-1}}`:     "pass_count is negative or not a whole number",
		`{"test_case_id":"a","metrics":{"fail_count":0.5}}`:    "fail_count is negative or not a whole number",
		`{"test_case_id":"a","metrics":{"flaky_count":"few"}}`: "flaky_count is negative or not a whole number",
		`{"test_case_id":"a","metrics":{"flaky_count":1e300}}`: "flaky_count is negative or not a whole number",
	} {
		got, err := decodeTestCases(testCasesBody(`{"test_case_id":"9"}`, entry, `{"test_case_id":"8"}`))
		if err != nil {
			t.Errorf("%s: %v", entry, err)
			continue
		}
		if diff := cmp.Diff([]TestCase{{ID: "9"}, {ID: "8"}}, got.Cases); diff != "" {
			t.Errorf("%s: the others: %s", entry, diff)
		}
		if diff := cmp.Diff([]RefusedEntry{{"data.test_cases[1]", detail}}, got.Refused); diff != "" {
			t.Errorf("%s: %s", entry, diff)
		}
	}
}

func TestDecodeTestCases_Summary(t *testing.T) {
	for summary, detail := range map[string]string{
		`null`: "", `{}`: "", `{"total_test_cases":null}`: "",
		`[]`:                        "it is not an object",
		`{"total_test_cases":-1}`:   "total_test_cases is negative or not a whole number",
		`{"total_test_cases":"me"}`: "total_test_cases is negative or not a whole number",
	} {
		got, err := decodeTestCases([]byte(`{"data":{"test_cases":[{"test_case_id":"9"}],"summary":` + summary + `}}`))
		if err != nil || len(got.Cases) != 1 || got.Total.Known {
			t.Errorf("%s: %+v, %v; want the test alone", summary, got, err)
			continue
		}
		var want []RefusedEntry
		if detail != "" {
			want = []RefusedEntry{{"data.summary", detail}}
		}
		if diff := cmp.Diff(want, got.Refused); diff != "" {
			t.Errorf("%s: %s", summary, diff)
		}
	}
}

// An answer that is not the documented JSON is an error that says where.
func TestDecodeAnalytics_Errors(t *testing.T) {
	tests := func(body []byte) error { _, err := decodeTestCases(body); return err }
	days := func(body []byte) error { _, err := decodeDailyRuns(body); return err }
	for _, c := range []struct {
		body   string
		decode func([]byte) error
		want   string
	}{
		{``, tests, "byte 0 of 0"},
		{`<html>`, days, "byte 1 of 6"},
		{`[]`, tests, "start"},
		{`{}`, days, "data: missing"},
		{`{"data":null}`, tests, "data: missing"},
		{`{"data":{}}`, tests, "data.test_cases: missing"},
		{`{"data":{"test_cases":null}}`, tests, "data.test_cases: missing"},
		{`{"data":{"test_cases":{}}}`, tests, "data.test_cases"},
		{`{"data":{"daily":"x"}}`, days, "data.daily"},
		{`{"data":{"test_cases":[]}}`, days, "data.daily: missing"},
		{string(testCasesBody(strings.Repeat("0,", maxEntries) + "0")), tests, "more than 10000 entries"},
	} {
		if err := c.decode([]byte(c.body)); !isA[*ResponseError](err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want a ResponseError with %q", c.body, err, c.want)
		}
	}
}

// The client reads what the API in memory serves, with retries, and within the
// limits of the client.
func TestAnalytics_Served(t *testing.T) {
	server := apitest.NewServer()
	defer server.Close()
	project := server.AddProject("shop", "the-key")
	project.Add(apitest.Run{State: "ended", SuccessCount: new(int64(3)), FailedCount: new(int64(1)), FlakyCount: new(int64(2))})
	server.InjectN(1, apitest.Status(500, "once more"), apitest.TestCases())
	session := newTestClient(t, server.URL, WithBackoff(time.Millisecond, time.Millisecond)).Session(nil)
	tests, err := session.TestCases(t.Context(), TestCaseQuery{Days: 7, OrderBy: ByFailRate, Limit: 1})
	if err != nil || tests.Total != (Count{4, true}) || len(tests.Cases) != 1 || tests.Cases[0].Failed.N != 1 || tests.Cases[0].LastRunAt.IsZero() || tests.Refused != nil {
		t.Errorf("%+v, %v", tests, err)
	}
	days, err := session.DailyRuns(t.Context(), DailyRunsQuery{Days: 2})
	if err != nil || len(days.Days) != 2 || days.Days[1].Failed.N != 1 || days.Days[1].PassedTests.N != 1 || days.Summary.Runs.N != 1 || days.Refused != nil {
		t.Errorf("%+v, %v", days, err)
	}
	if n := server.CountRequests(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}
