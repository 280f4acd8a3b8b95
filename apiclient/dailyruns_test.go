package apiclient

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDailyRuns_Request(t *testing.T) {
	server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		want := map[int]string{
			1: "/api/v2/analytics/test-runs?days=8",
			2: "/api/v2/analytics/test-runs?branch=main&end_date=2026-11-23&start_date=2026-11-20",
		}[n]
		if got := r.URL.RequestURI(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		_, _ = w.Write([]byte(`{"data":{"daily":[]}}`))
	})
	session := newTestClient(t, server.URL).Session(nil)
	zone := time.FixedZone("", 2*60*60) // in it, the first day has begun already
	for _, query := range []DailyRunsQuery{
		{Days: 8},
		{From: time.Date(2026, 11, 21, 1, 0, 0, 0, zone), To: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Branch: "main"},
	} {
		if _, err := session.DailyRuns(t.Context(), query); err != nil {
			t.Error(err)
		}
	}
}

func TestDecodeDailyRuns(t *testing.T) {
	got, err := decodeDailyRuns([]byte(`{"data":{"daily":[
		{"date":"2026-11-22","run_count":11,"passed_runs":"4","failed_runs":3,"error_runs":2,"cancelled_runs":1,"rerun_count":5,
			"total_tests":20,"passed_tests":15,"failed_tests":3,"failed_tests_after_snooze":null,"flaky_tests":2.0},
		{"date":"2026-11-23T01:00:00+02:00","run_count":1},
		{"date":"2026-11-24 00:00:00Z","run_count":-1},
		{"date":"2026-11-25","flaky_tests":"x"},
		{"date":"2026-11","run_count":1},
		{"date":20261125},
		{"run_count":1},
		[], null
	],"summary":{"total_runs":12,"passed_runs":4,"failed_runs":"3","error_runs":2,"pass_rate":50,"rerun_count":null}}}`))
	if err != nil {
		t.Fatal(err)
	}
	n := func(n int64) Count { return Count{n, true} }
	date := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	want := &DailyRuns{
		Days: []DayRuns{
			{
				Date: date(22), Runs: n(11), Passed: n(4), Failed: n(3), Errored: n(2), Cancelled: n(1), Reruns: n(5),
				Tests: n(20), PassedTests: n(15), FailedTests: n(3), FlakyTests: n(2),
			},
			{Date: date(23), Runs: n(1)},
		},
		Refused: []RefusedEntry{
			{"data.daily[2]", "run_count is negative or not a whole number"},
			{"data.daily[3]", "flaky_tests is negative or not a whole number"},
			{"data.daily[4]", "date is missing or not a date"},
			{"data.daily[5]", "date is missing or not a date"},
			{"data.daily[6]", "date is missing or not a date"},
			{"data.daily[7]", "it is not an object"},
			{"data.daily[8]", "it is not an object"},
		},
		Summary: RunsSummary{Runs: n(12), Passed: n(4), Failed: n(3), Errored: n(2)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeDailyRuns_Summary(t *testing.T) {
	for summary, refused := range map[string]int{`null`: 0, `{}`: 0, `[]`: 1, `{"total_runs":5,"error_runs":-1}`: 1} {
		got, err := decodeDailyRuns([]byte(`{"data":{"daily":[],"summary":` + summary + `}}`))
		if err != nil || len(got.Refused) != refused || got.Summary != (RunsSummary{}) {
			t.Errorf("%s: %+v, %v; want %d refused", summary, got, err, refused)
		}
	}
}
