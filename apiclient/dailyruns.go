package apiclient

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// DailyRunsQuery selects days of a project. The zero value of a field leaves its
// parameter out. Give either Days, or From and To.
type DailyRunsQuery struct {
	Days     int       // 1 to MaxAnalyticsDays
	From, To time.Time // the first and the last day, asked for as dates in UTC
	Branch   string
}

func (q DailyRunsQuery) values() url.Values {
	p := parameters{}
	p.setInt("days", int64(q.Days))
	for name, day := range map[string]time.Time{"start_date": q.From, "end_date": q.To} {
		if !day.IsZero() {
			p.setText(name, day.UTC().Format(time.DateOnly))
		}
	}
	p.setText("branch", q.Branch)
	return url.Values(p)
}

// DailyRuns is the API's own sums over the runs of a project.
type DailyRuns struct {
	// Days are the days that can be trusted, in the API's order. Days without runs
	// may be missing.
	Days []DayRuns
	// Refused are the parts of the answer that cannot.
	Refused []RefusedEntry
	// Summary is over all days that were asked for.
	Summary RunsSummary
}

// DayRuns is one day. Where it begins (in UTC or in the zone of the project), and
// whether Runs counts cancelled runs and re-runs, is not documented.
type DayRuns struct {
	Date time.Time // the beginning of the date in UTC

	Runs, Passed, Failed, Errored, Cancelled, Reruns Count

	Tests Count
	// PassedTests leaves flaky tests out, as the other analytics do. The page does
	// not say so.
	PassedTests            Count
	FailedTests            Count
	FailedTestsAfterSnooze Count
	FlakyTests             Count
}

// RunsSummary is the sum over some days.
type RunsSummary struct {
	Runs, Passed, Failed, Errored, Reruns Count
}

// DailyRuns reads the API's own sums over runs
// (GET /api/v2/analytics/test-runs), with retries. Its errors are those of
// [Session.Page].
func (s *Session) DailyRuns(ctx context.Context, q DailyRunsQuery) (*DailyRuns, error) {
	return fetch(ctx, s, dailyRunsPath, q.values(), decodeDailyRuns)
}

// decodeDailyRuns reads the documented answer. Its error is a *ResponseError.
func decodeDailyRuns(body []byte) (*DailyRuns, error) {
	var doc struct {
		Data *struct {
			Daily   entryList `json:"daily"`
			Summary field     `json:"summary"`
		} `json:"data"`
	}
	switch err := decodeAnalytics(body, &doc); {
	case err != nil:
		return nil, err
	case doc.Data == nil:
		return nil, missing("data")
	case doc.Data.Daily == nil:
		return nil, missing("data.daily")
	}
	answer := &DailyRuns{}
	answer.Days, answer.Refused = decodeEntries("data.daily", doc.Data.Daily, decodeDay)
	var err error
	if answer.Summary, err = decodeRunsSummary(doc.Data.Summary); err != nil {
		answer.Refused = append(answer.Refused, RefusedEntry{Where: "data.summary", Detail: err.Error()})
	}
	return answer, nil
}

func decodeDay(entry field) (d DayRuns, err error) {
	fields, err := entry.object()
	if err != nil {
		return d, err
	}
	text, _ := fields["date"].text()
	if d.Date, err = parseDate(text); err != nil {
		return d, errors.New("date is missing or not a date")
	}
	return d, decodeCountFields(fields,
		count{"run_count", &d.Runs},
		count{"passed_runs", &d.Passed},
		count{"failed_runs", &d.Failed},
		count{"error_runs", &d.Errored},
		count{"cancelled_runs", &d.Cancelled},
		count{"rerun_count", &d.Reruns},
		count{"total_tests", &d.Tests},
		count{"passed_tests", &d.PassedTests},
		count{"failed_tests", &d.FailedTests},
		count{"failed_tests_after_snooze", &d.FailedTestsAfterSnooze},
		count{"flaky_tests", &d.FlakyTests})
}

func decodeRunsSummary(summary field) (RunsSummary, error) {
	if summary == "" {
		return RunsSummary{}, nil
	}
	fields, err := summary.object()
	if err != nil {
		return RunsSummary{}, err
	}
	var s RunsSummary
	if err := decodeCountFields(fields,
		count{"total_runs", &s.Runs},
		count{"passed_runs", &s.Passed},
		count{"failed_runs", &s.Failed},
		count{"error_runs", &s.Errored},
		count{"rerun_count", &s.Reruns},
	); err != nil {
		return RunsSummary{}, err
	}
	return s, nil
}

// parseDate reads a date, or the date of a time as it is written there: which day
// it is in another zone, nobody asked.
func parseDate(text string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, text)
	if err == nil {
		return date, nil
	}
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}, err
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), nil
}
