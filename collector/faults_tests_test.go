package collector_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// testsFault is one thing that may go wrong with the tests alone.
type testsFault struct {
	what   string // in words, for people
	inject apitest.Fault
	when   apitest.Match // which of their requests; nil is all
	says   string        // expression for the one line of the log
	worked bool          // the reading works all the same
}

func testsFaults() []testsFault {
	json := func(body string) apitest.Fault { return apitest.Body("application/json", []byte(body)) }
	edit := func(change func(test map[string]any)) apitest.Fault {
		return apitest.EditTestCases(func(tests []any) []any {
			for _, test := range tests {
				change(test.(map[string]any))
			}
			return tests
		})
	}
	one := func(change func(test map[string]any)) apitest.Fault {
		return apitest.EditTestCases(func(tests []any) []any {
			bad := map[string]any{"test_case_id": "bad", "metrics": map[string]any{"fail_count": 1}}
			change(bad)
			return append(tests, bad)
		})
	}
	return []testsFault{
		{what: "answers 400", inject: apitest.Status(400, "bad days"), says: "400 Bad Request: bad days"},
		{what: "answers 401 while the runs work", inject: apitest.Status(401, "not with this key"), says: "401 Unauthorized: not with this key.*--tests.top=0"},
		{what: "answers 402", inject: apitest.Status(402, "invoice overdue"), says: "402 Payment Required: invoice overdue.*asks for payment"},
		{what: "answers 403", inject: apitest.Status(403, "not yours"), says: "403 Forbidden: not yours.*--tests.top=0"},
		{what: "answers 403 for the second list", inject: apitest.Status(403, "not yours"), when: apitest.OrderBy("flaky_rate"), says: "403 Forbidden: not yours"},
		{what: "answers 404", inject: apitest.Status(404, "no such thing"), says: "404 Not Found: no such thing.*--tests.top=0"},
		{what: "answers 500", inject: apitest.Status(500, "oops"), says: "500 Internal Server Error: oops"},
		{what: "redirects to another origin", inject: apitest.Redirect(302, "http://127.0.0.1:1/"), says: "refused a redirect to http://127.0.0.1:1:"},
		{what: "resets connections", inject: apitest.Reset(), says: "connection reset|EOF"},
		{what: "breaks the body off", inject: apitest.TruncateBody(50), says: "byte 50: the body is cut short"},
		{what: "answers 200 with HTML", inject: apitest.Body("text/html", []byte("<h1>Sign in")), says: "not the documented JSON"},
		{what: "answers 200 with a body of 1 GiB", inject: apitest.HugeBody(1 << 30), says: "longer than 16 MiB"},
		{what: "answers 200 with a list", inject: json(`[]`), says: "array"},
		{what: "answers 200 with another key", inject: json(`{"data":{"tests":[]}}`), says: "data.test_cases: missing or empty"},
		{what: "answers 200 with an object for the tests", inject: json(`{"data":{"test_cases":{}}}`), says: "data.test_cases: .*object"},
		{what: "has no id in any test", inject: edit(func(test map[string]any) { delete(test, "test_case_id") }), says: `data.test_cases\[0\]: test_case_id is missing.*10 of 10 entries`},
		{
			what: "has a number for the name of one test", inject: one(func(test map[string]any) { test["test_name"] = 5 }), worked: true,
			says: `tests left out.*data.test_cases\[10\].*test_name is not a text`,
		},
		{
			what: "has a count of one test that is below 0", inject: one(func(test map[string]any) { test["metrics"] = map[string]any{"fail_count": -1} }), worked: true,
			says: `tests left out.*data.test_cases\[10\].*fail_count is negative`,
		},
	}
}

// TestTestsFaults lets each of them happen while the runs work. TestTestCases_Hang
// has the tests not answer at all.
func TestTestsFaults(t *testing.T) {
	t.Parallel()
	for _, f := range testsFaults() {
		for _, warm := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, warm %t", f.what, warm), func(t *testing.T) {
				t.Parallel()
				f.try(t, warm)
			})
		}
	}
}

func (f *testsFault) try(t *testing.T, warm bool) {
	t.Helper()
	tb := newTestbed(t, setup{configure: withTests})
	runsWithTests(tb, tb.project)
	tb.start()
	if warm {
		tb.scrapeTests()
		tb.clock.advance(tb.config.Tests.Interval)
	}
	before := tb.testMetrics()
	tb.log.take()
	when := []apitest.Match{apitest.TestCases()}
	if f.when != nil {
		when = append(when, f.when)
	}
	mend := tb.inject(f.inject, when...)
	tb.scrape()
	f.awaitLogged(tb)
	tb.scrape()
	tb.wantAll("beside tests that cannot be read")
	tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, boolToFloat(f.worked))
	if wrong := diff(tb.testMetrics(), before); wrong != "" && !f.worked {
		t.Errorf("not what was read before: %s", wrong)
	}
	if !f.worked {
		f.wantStale(tb)
	}
	mend()
	tb.clock.advance(tb.config.Tests.Interval)
	tb.scrapeTests()
	tb.wantSample("empirical_exporter_test_cases_up", labels{"key": testedKey}, 1)
	tb.wantSample("empirical_test_cases", labels{"project": tb.project.Slug()}, 10)
	if lines, _ := tb.log.take(); len(lines) != 0 {
		t.Errorf("logged %q, want one line in all", lines)
	}
}

// awaitLogged waits for the one line.
func (f *testsFault) awaitLogged(tb *testbed) {
	tb.Helper()
	var lines []string
	tb.await("the line of the log", func() bool {
		more, _ := tb.log.take()
		lines = append(lines, more...)
		return len(lines) > 0
	})
	if len(lines) != 1 || !strings.Contains(lines[0], "key="+testedKey+" ") || !regexp.MustCompile(f.says).MatchString(lines[0]) {
		tb.Errorf("logged %q, want one line on %s with %q", lines, testedKey, f.says)
	}
}

// wantStale wants the tests to go once they have not been read for three intervals.
func (f *testsFault) wantStale(tb *testbed) {
	tb.Helper()
	tb.clock.advance(2*tb.config.Tests.Interval + time.Second)
	tb.scrape()
	if left := tb.testMetrics(); len(left) != 0 {
		tb.Errorf("still shown after three intervals: %v", left)
	}
	tb.wantSample("empirical_up", labels{"key": testedKey}, 1)
}

const testsFaultsIntroduction = `
## Of the tests alone

` + "`TestTestsFaults`" + ` lets each of these happen to the analytics of tests (` + "`GET /api/v2/analytics/test-cases`" + `), while the runs work.
Each time the runs are shown as the API has them, with ` + "`empirical_up`" + ` 1. Where the tests cannot be read, those of before stay for three
intervals, with ` + "`empirical_exporter_test_cases_up`" + ` 0, and the log has its one line once, however long it lasts.
The next good reading shows them as the API has them. That tests which never answer hold nothing up is ` + "`TestTestCases_Hang`" + `.

| the API … | the tests | the log says |
|---|---|---|
`

func (f *testsFault) row() string {
	shows := "as before"
	if f.worked {
		shows = "as the API has them, without that one"
	}
	return "| " + strings.Join([]string{f.what, shows, "`" + strings.ReplaceAll(f.says, "|", `\|`) + "`"}, " | ") + " |\n"
}
