package apiclient

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecodePage decodes any answer. The result is a page with nothing in it that
// cannot be trusted, or an error that says where the answer is wrong.
func FuzzDecodePage(f *testing.F) {
	f.Add(body())
	f.Add(body(`{"id":1,"created_at":"2026-11-23T10:00:00Z"}`, `null`, `{"id":-1}`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		page, err := decodePage(answer)
		if err != nil {
			checkResponseError(t, err)
			return
		}
		if page.Project.Slug == "" || !utf8.ValidString(page.Project.Slug) {
			t.Errorf("project slug %q", page.Project.Slug)
		}
		for _, run := range page.Runs {
			checkTrusted(t, run)
		}
		for _, refusal := range page.Refused {
			if refusal.Reason == "" || refusal.Detail == "" {
				t.Errorf("a refusal that does not say why: %+v", refusal)
			}
		}
		second, err := decodePage(answer)
		if err != nil {
			t.Fatalf("decoded once, then: %v", err)
		}
		if diff := cmp.Diff(page, second, cmp.AllowUnexported(Page{}, pagination{})); diff != "" {
			t.Errorf("decoded twice, it differs: %s", diff)
		}
	})
}

// FuzzDecodeItem puts any text in the place of an item. It must not cost the items
// beside it, unless the answer is no JSON any more.
func FuzzDecodeItem(f *testing.F) {
	const good = `{"id":9,"created_at":"2026-11-23T10:00:00Z","commit":"a"}`
	f.Add(good)
	f.Add(`{"id":1,"created_at":"2026-11-23T10:00:00Z","duration":"1e400"}`)
	f.Add(`{"id":"7","created_at":"2026-11-23T10:00:00Z","test_run_branch":"\ud800"}`)
	f.Fuzz(func(t *testing.T, item string) {
		page, err := decodePage(body(good, item, good))
		if !json.Valid([]byte(item)) {
			// Together with the items around it, it may still be JSON, such as `1,2`.
			if err != nil {
				checkResponseError(t, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("one item cost the page: %v", err)
		}
		if n := len(page.Runs) + len(page.Refused); n != 3 {
			t.Fatalf("%d runs and refusals of 3 items", n)
		}
		want := Run{ID: 9, Commit: "a", CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
		if diff := cmp.Diff([]Run{want, want}, []Run{page.Runs[0], page.Runs[len(page.Runs)-1]}); diff != "" {
			t.Errorf("the items beside it: %s", diff)
		}
		for _, run := range page.Runs {
			checkTrusted(t, run)
		}
	})
}

// FuzzDecodeAnalytics puts any text in the place of an entry of either analytics.
// It must not cost the entries beside it, unless the answer is no JSON any more.
func FuzzDecodeAnalytics(f *testing.F) {
	f.Add(`{"test_case_id":"a","last_run_at":"2026-11-23T10:00:00Z","metrics":{"pass_count":"1e400","fail_count":null}}`)
	f.Add(`{"test_case_id":"\ud800","test_name":["a"]}`)
	f.Add(`{"date":"2026-11-23 01:00:00+02","run_count":5.0,"flaky_tests":-1}`)
	f.Fuzz(func(t *testing.T, entry string) {
		tests, err := decodeTestCases(testCasesBody(`{"test_case_id":"9"}`, entry, `{"test_case_id":"8"}`))
		days, err2 := decodeDailyRuns([]byte(`{"data":{"daily":[{"date":"2026-11-23"},` + entry + `,{"date":"2026-11-24"}]}}`))
		if !json.Valid([]byte(entry)) {
			// Together with the entries around it, it may still be JSON, such as `1,2`.
			for _, err := range []error{err, err2} {
				if err != nil {
					checkResponseError(t, err)
				}
			}
			return
		}
		if err != nil || err2 != nil {
			t.Fatalf("one entry cost the answer: %v, %v", err, err2)
		}
		if n := len(tests.Cases); n+len(tests.Refused) != 3 || tests.Cases[0].ID != "9" || tests.Cases[n-1].ID != "8" {
			t.Errorf("%+v", tests)
		}
		if n := len(days.Days); n+len(days.Refused) != 3 || days.Days[0].Date.Day() != 23 || days.Days[n-1].Date.Day() != 24 {
			t.Errorf("%+v", days)
		}
		checkTestCases(t, tests.Cases)
	})
}

func checkTestCases(t *testing.T, cases []TestCase) {
	t.Helper()
	for _, c := range cases {
		if c.ID == "" || !utf8.ValidString(c.ID+c.Name+c.FilePath+c.PlaywrightProject) || min(c.Passed.N, c.Failed.N, c.Flaky.N) < 0 {
			t.Errorf("%+v", c)
		}
	}
}

// FuzzErrorAnswer reads the body and the header of an error. What goes to the log
// is one short printable line without the key.
func FuzzErrorAnswer(f *testing.F) {
	f.Add(`{"error":{"message":"no such key: the-key"}}`, "7")
	f.Add(`{"message":"the\u002dkey"}`, "Mon, 23 Nov 2026 12:00:07 GMT")
	f.Add("<h1>Bad\nGateway", "-1")
	f.Fuzz(func(t *testing.T, text, header string) {
		line := errorMessage(text, "the-key")
		if utf8.RuneCountInString(line) > 201 || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not one short printable line: %q", line)
		}
		if strings.Contains(line, "the-key") {
			t.Errorf("the key: %q", line)
		}
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		if wait := retryAfter(header, now); wait < 0 {
			t.Errorf("Retry-After %q is a wait of %s", header, wait)
		}
	})
}

func checkResponseError(t *testing.T, err error) {
	t.Helper()
	if response, ok := errors.AsType[*ResponseError](err); !ok || response.Where == "" {
		t.Errorf("%v, want a ResponseError that says where", err)
	}
	if text := err.Error(); len(text) > 500 || strings.ContainsAny(text, "\n\r") {
		t.Errorf("not one short line: %q", text)
	}
}

func checkTrusted(t *testing.T, run Run) {
	t.Helper()
	if run.ID <= 0 || run.Duration < 0 {
		t.Errorf("id or duration of %+v", run)
	}
	for _, count := range []Count{
		run.TotalCount, run.SuccessCount, run.FailedCount, run.SkippedCount, run.FlakyCount, run.FailedCountAfterSnoozing,
	} {
		if count.N < 0 || count.N > maxCount || (!count.Known && count.N != 0) {
			t.Errorf("counts of %+v", run)
		}
	}
	for _, text := range []string{
		string(run.State), string(run.ErrorCode), run.Branch, run.EnvironmentSlug,
		run.BuildBranch, run.Commit,
	} {
		if !utf8.ValidString(text) {
			t.Errorf("a text that cannot be a label value: %q", text)
		}
	}
}
