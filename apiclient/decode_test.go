package apiclient

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecode_FullItem(t *testing.T) {
	page, err := decodePage(body(`{"id":456,"state":"ended","total_count":50,"success_count":"48","failed_count":2,
		"skipped_count":null,"flaky_count":1.0,"failed_count_after_snoozing":0,"duration":120000.5,
		"test_run_branch":"main","environment_slug":"staging","environment_name":"Staging","build_url":"https://ci.example/1",
		"build_branch":"feat/x","commit":"abc","error_code":null,"created_at":"2026-11-23T10:00:00.123Z","run_started_at":"2026-11-23T10:01:00.5Z","something_new":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Run{
		ID: 456, State: Ended,
		TotalCount: Count{50, true}, SuccessCount: Count{48, true}, FailedCount: Count{2, true}, FlakyCount: Count{1, true},
		FailedCountAfterSnoozing: Count{0, true},
		Duration:                 120_000.5, HasDuration: true,
		Branch: "main", EnvironmentSlug: "staging",
		BuildBranch: "feat/x", Commit: "abc",
		CreatedAt: time.Date(2026, 11, 23, 10, 0, 0, 123e6, time.UTC),
		StartedAt: time.Date(2026, 11, 23, 10, 1, 0, 500e6, time.UTC),
	}
	if diff := cmp.Diff([]Run{want}, page.Runs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Project{7, "shop", "Shop", "shop-tests"}, page.Project); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(pagination{2, 1, true}, page.pagination, cmp.AllowUnexported(pagination{})); diff != "" {
		t.Error(diff)
	}
}

func TestDecode_RefusesOneItem(t *testing.T) {
	const at = `"created_at":"2026-11-23T10:00:00Z"`
	for item, want := range map[string]RefusalReason{
		`null`:                              RefusedMalformed,
		`[]`:                                RefusedMalformed,
		`"text"`:                            RefusedMalformed,
		`{` + at + `}`:                      RefusedID,
		`{"id":0,` + at + `}`:               RefusedID,
		`{"id":-1,` + at + `}`:              RefusedID,
		`{"id":1.5,` + at + `}`:             RefusedID,
		`{"id":"x",` + at + `}`:             RefusedID,
		`{"id":true,` + at + `}`:            RefusedID,
		`{"id":1}`:                          RefusedCreatedAt,
		`{"id":1,"created_at":""}`:          RefusedCreatedAt,
		`{"id":1,"created_at":"yesterday"}`: RefusedCreatedAt,
		`{"id":1,"created_at":1700000000}`:  RefusedCreatedAt,
		`{"id":1,"created_at":null}`:        RefusedCreatedAt,
		`{"id":1,"created_at":"2026-11-23T10:00:00"}`:              RefusedCreatedAt, // in which zone?
		`{"id":1,"run_started_at":5,` + at + `}`:                   RefusedMalformed,
		`{"id":1,"error_code":5,` + at + `}`:                       RefusedMalformed,
		`{"id":1,"total_count":-1,` + at + `}`:                     RefusedCount,
		`{"id":1,"failed_count":0.5,` + at + `}`:                   RefusedCount,
		`{"id":1,"flaky_count":"",` + at + `}`:                     RefusedCount,
		`{"id":1,"flaky_count":"many",` + at + `}`:                 RefusedCount,
		`{"id":1,"flaky_count":"Infinity",` + at + `}`:             RefusedCount,
		`{"id":1,"flaky_count":"0x10",` + at + `}`:                 RefusedCount,
		`{"id":1,"skipped_count":99999999999999999999,` + at + `}`: RefusedCount,
		`{"id":1,"skipped_count":1e300,` + at + `}`:                RefusedCount,
		`{"id":1,"success_count":[],` + at + `}`:                   RefusedCount,
		`{"id":1,"duration":-1,` + at + `}`:                        RefusedDuration,
		`{"id":1,"duration":"long",` + at + `}`:                    RefusedDuration,
		`{"id":1,"duration":1e300,` + at + `}`:                     RefusedDuration,
		`{"id":1,"state":3,` + at + `}`:                            RefusedMalformed,
		`{"id":1,"test_run_branch":{},` + at + `}`:                 RefusedMalformed,
		`{"id":1,"commit":["a"],` + at + `}`:                       RefusedMalformed,
	} {
		t.Run(item, func(t *testing.T) {
			page, err := decodePage(body(`{"id":9,`+at+`}`, item, `{"id":8,`+at+`}`))
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Runs) != 2 || page.Runs[0].ID != 9 || page.Runs[1].ID != 8 {
				t.Errorf("the other items came as %+v", page.Runs)
			}
			if len(page.Refused) != 1 || page.Refused[0].Reason != want {
				t.Errorf("refused %+v, want one with reason %s", page.Refused, want)
			}
		})
	}
}

func TestDecode_NumbersAsTextAndNull(t *testing.T) {
	const at = `"created_at":"2026-11-23T10:00:00+02:00"`
	same := Run{ID: 5, CreatedAt: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Duration: 2000, HasDuration: true, FailedCount: Count{20, true}}
	for _, item := range []string{
		`{"id":5,"duration":2000,"failed_count":20,` + at + `}`,
		`{"id":"5","duration":"2000","failed_count":"20",` + at + `}`,
		`{"id":5.0,"duration":2e3,"failed_count":"2e1","total_count":null,"state":null,"commit":null,` + at + `}`,
	} {
		page, err := decodePage(body(item))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Run{same}, page.Runs); diff != "" {
			t.Errorf("%s: %s", item, diff)
		}
	}
}

func TestDecode_Errors(t *testing.T) {
	for text, want := range map[string]string{
		``:                                    "byte 0 of 0",
		`<html>`:                              "byte 1 of 6",
		`{"data":{"project":{"slug":"a"}`:     "byte 31 of 31",
		`[]`:                                  "start",
		`{}`:                                  "data: missing",
		`{"data":null}`:                       "data: missing",
		`{"data":{"test_runs":{"items":[]}}}`: "data.project: missing",
		`{"data":{"project":{"slug":""},"test_runs":{"items":[]}}}`:     "data.project.slug: missing",
		`{"data":{"project":{"slug":7},"test_runs":{"items":[]}}}`:      "data.project.slug: missing",
		`{"data":{"project":{"slug":"a"}}}`:                             "data.test_runs: missing",
		`{"data":{"project":{"slug":"a"},"test_runs":{}}}`:              "data.test_runs.items: missing",
		`{"data":{"project":{"slug":"a"},"test_runs":{"items":{}}}}`:    "data.test_runs.items",
		`{"data":{"project":{"slug":"a"},"test_runs":{"items":[]}}} {}`: "byte 60 of 61",
	} {
		_, err := decodePage([]byte(text))
		if !isA[*ResponseError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a ResponseError with %q", text, err, want)
		}
	}
}

func TestDecode_WithoutPagination(t *testing.T) {
	for _, pagination := range []string{`null`, `[]`, `"x"`, `{}`, `{"page":1,"per_page":1,"total":-1,"total_pages":1}`, `{"page":1,"total":1}`} {
		text := fmt.Sprintf(`{"data":{"project":{"slug":"a"},"test_runs":{"items":[]}},"pagination":%s}`, pagination)
		page, err := decodePage([]byte(text))
		if err != nil || page.pagination.known {
			t.Errorf("%s: %+v, %v", pagination, page, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"2026-11-23T10:00:00Z", "2026-11-23 10:00:00Z", "2026-11-23t10:00:00z", "2026-11-23T10:00:00.000+0000", "2026-11-23 12:00:00+02",
		"2026-11-23T04:30:00-0530", "2026-11-23T10:00:00+00:00",
	} {
		if got, err := parseTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23 10:00:00", "2026-11-23T10:00Z", "2026-13-23T10:00:00Z", "1700000000", "2026-11-23  10:00:00Z"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("%q: %s, want an error", text, got)
		}
	}
}

func TestDecode_TooManyItems(t *testing.T) {
	page := func(items int) []byte {
		return body(strings.Repeat("0,", items-1) + "0")
	}
	if got, err := decodePage(page(1000)); err != nil || len(got.Refused) != 1000 {
		t.Errorf("1000 items: %v", err)
	}
	_, err := decodePage(page(1001))
	if response, ok := errors.AsType[*ResponseError](err); !ok || !strings.Contains(response.Error(), "more than 1000 items") {
		t.Errorf("1001 items: %v, want a ResponseError that says so", err)
	}
	before := testing.AllocsPerRun(1, func() { _, _ = decodePage(page(8_000_000)) })
	if before > 5000 {
		t.Errorf("%v allocations for 16 MiB of items, want no more than a page's", before)
	}
}
