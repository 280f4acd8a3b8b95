package testcases

import (
	"cmp"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// Test is one test with its executions in the window. Its texts are label values.
type Test struct {
	ID, Name, FilePath, PlaywrightProject string

	// Passed leaves the flaky executions out.
	Passed, Failed, Flaky int64

	LastRunAt time.Time // zero where the API does not say
}

func newTest(c apiclient.TestCase) Test {
	return Test{
		ID:                history.LabelValue(c.ID),
		Name:              history.LabelValue(c.Name),
		FilePath:          history.LabelValue(c.FilePath),
		PlaywrightProject: history.LabelValue(c.PlaywrightProject),
		Passed:            c.Passed.N, Failed: c.Failed.N, Flaky: c.Flaky.N,
		LastRunAt: c.LastRunAt,
	}
}

// top returns the first tests of a list that the API was asked to sort, those
// that never failed and were never flaky left out. It sorts once more: the API's
// rates are whole percents, and an API that ignored order or limit would else
// decide what is shown.
func top(cases []apiclient.TestCase, by apiclient.TestCaseOrder, most int) []Test {
	rate := func(c apiclient.TestCase) float64 {
		n := c.Failed.N
		if by == apiclient.ByFlakyRate {
			n = c.Flaky.N
		}
		return float64(n) / float64(max(c.Passed.N+c.Failed.N+c.Flaky.N, 1))
	}
	sorted := slices.Clone(cases)
	slices.SortStableFunc(sorted, func(a, b apiclient.TestCase) int { return cmp.Compare(rate(b), rate(a)) })
	var tests []Test
	for _, c := range sorted[:min(most, len(sorted))] {
		if c.Failed.N > 0 || c.Flaky.N > 0 {
			tests = append(tests, newTest(c))
		}
	}
	return tests
}

// union returns the tests of both lists, each once: two entries of one test would
// be two samples of one series. The first entry stands.
func union(lists ...[]Test) []Test {
	var all []Test
	seen := map[string]bool{}
	for _, test := range slices.Concat(lists...) {
		if !seen[test.ID] {
			seen[test.ID] = true
			all = append(all, test)
		}
	}
	return all
}
