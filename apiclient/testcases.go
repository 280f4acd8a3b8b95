package apiclient

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// TestCaseOrder is what the list of tests is sorted by.
type TestCaseOrder string

// The documented orders.
const (
	ByFailRate  TestCaseOrder = "fail_rate"
	ByFlakyRate TestCaseOrder = "flaky_rate"
	ByLastRun   TestCaseOrder = "last_run"
)

// MaxTestCases is the most tests that the API gives in one answer.
const MaxTestCases = 500

// MaxAnalyticsDays is the most days that the API looks back for its analytics.
const MaxAnalyticsDays = 90

// TestCaseQuery selects tests of a project. The zero value of a field leaves its
// parameter out.
type TestCaseQuery struct {
	Days      int // 1 to MaxAnalyticsDays
	OrderBy   TestCaseOrder
	Ascending bool // lowest first; else highest first, where OrderBy is given
	Limit     int  // 1 to MaxTestCases
}

func (q TestCaseQuery) values() url.Values {
	p := parameters{}
	p.setInt("days", int64(q.Days))
	p.setInt("limit", int64(q.Limit))
	if q.OrderBy != "" {
		p.setText("order_by", string(q.OrderBy))
		p.setText("order", map[bool]string{true: "asc", false: "desc"}[q.Ascending])
	}
	return url.Values(p)
}

// TestCases is the API's answer about the tests of a project.
type TestCases struct {
	// Cases are the tests that can be trusted, in the API's order.
	Cases []TestCase
	// Refused are the parts of the answer that cannot.
	Refused []RefusedEntry
	// Total is how many tests the project has.
	Total Count
}

// TestCase is one test with its executions in the days that were asked for. A text
// that is null or absent is empty.
type TestCase struct {
	ID                string // 41 characters as documented, but any text that is not empty is taken
	Name              string
	FilePath          string
	PlaywrightProject string    // project_name, which is presumably that
	LastRunAt         time.Time // zero where the API does not say, or not in RFC 3339

	// Passed, Failed and Flaky are numbers of executions. A flaky one is not among
	// those that passed (reference page of the analytics).
	Passed, Failed, Flaky Count
}

// TestCases reads the analytics of tests (GET /api/v2/analytics/test-cases), with
// retries. Its errors are those of [Session.Page].
func (s *Session) TestCases(ctx context.Context, q TestCaseQuery) (*TestCases, error) {
	return fetch(ctx, s, testCasesPath, q.values(), decodeTestCases)
}

// decodeTestCases reads the documented answer. Its error is a *ResponseError.
func decodeTestCases(body []byte) (*TestCases, error) {
	var doc struct {
		Data *struct {
			TestCases entryList `json:"test_cases"`
			Summary   field     `json:"summary"`
		} `json:"data"`
	}
	switch err := decodeAnalytics(body, &doc); {
	case err != nil:
		return nil, err
	case doc.Data == nil:
		return nil, missing("data")
	case doc.Data.TestCases == nil:
		return nil, missing("data.test_cases")
	}
	answer := &TestCases{}
	answer.Cases, answer.Refused = decodeEntries("data.test_cases", doc.Data.TestCases, decodeTestCase)
	var err error
	if answer.Total, err = decodeTestTotal(doc.Data.Summary); err != nil {
		answer.Refused = append(answer.Refused, RefusedEntry{Where: "data.summary", Detail: err.Error()})
	}
	return answer, nil
}

func decodeTestTotal(summary field) (total Count, err error) {
	if summary == "" {
		return Count{}, nil
	}
	fields, err := summary.object()
	if err != nil {
		return Count{}, err
	}
	err = decodeCountFields(fields, count{"total_test_cases", &total})
	return total, err
}

func decodeTestCase(entry field) (c TestCase, err error) {
	fields, err := entry.object()
	if err != nil {
		return c, err
	}
	var lastRun string
	err = decodeTextFields(fields,
		textValue{"test_case_id", &c.ID},
		textValue{"test_name", &c.Name},
		textValue{"file_path", &c.FilePath},
		textValue{"project_name", &c.PlaywrightProject},
		textValue{"last_run_at", &lastRun})
	switch {
	case err != nil:
		return c, err
	case c.ID == "":
		return c, errors.New("test_case_id is missing or empty")
	}
	if at, err := parseTime(lastRun); err == nil {
		c.LastRunAt = at
	}
	return c, decodeTestMetrics(fields["metrics"], &c)
}

func decodeTestMetrics(metrics field, c *TestCase) error {
	if metrics == "" {
		return nil
	}
	fields, err := metrics.object()
	if err != nil {
		return errors.New("metrics is not an object")
	}
	return decodeCountFields(fields,
		count{"pass_count", &c.Passed},
		count{"fail_count", &c.Failed},
		count{"flaky_count", &c.Flaky})
}
