package check

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

func TestFullDays(t *testing.T) {
	midnight := noon.Truncate(day)
	for name, test := range map[string]struct {
		now      time.Time
		lookback time.Duration
		want     []string
	}{
		"no whole day":      {noon, 35 * time.Hour, nil},
		"one":               {noon, 37 * time.Hour, []string{"2026-06-09"}},
		"no more than week": {noon, 30 * day, []string{"2026-06-03", "2026-06-04", "2026-06-05", "2026-06-06", "2026-06-07", "2026-06-08", "2026-06-09"}},
		"in another zone":   {midnight.Add(time.Hour).In(time.FixedZone("", -5*3600)), 2 * day, []string{"2026-06-09"}},
	} {
		var got []string
		for _, begin := range fullDays(test.now, test.lookback) {
			got = append(got, begin.Format(time.DateOnly))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDayFacts_Compare(t *testing.T) {
	known := func(n int64) apiclient.Count { return apiclient.Count{N: n, Known: true} }
	answered := func(date int, passed, flaky int64) apiclient.DayRuns {
		return apiclient.DayRuns{
			Date: time.Date(2026, 6, date, 0, 0, 0, 0, time.UTC), Passed: known(1), Failed: known(0), Errored: known(0), Cancelled: known(0),
			PassedTests: known(passed), FailedTests: known(0), FlakyTests: known(flaky),
		}
	}
	own := Sums{Passed: 1, PassedTests: 10, FlakyTests: 2}
	for name, test := range map[string]struct {
		api    []apiclient.DayRuns
		equal  []bool
		beside bool
	}{
		"the same":        {[]apiclient.DayRuns{answered(8, 10, 2), answered(9, 10, 2)}, []bool{true, true}, false},
		"flaky beside":    {[]apiclient.DayRuns{answered(8, 8, 2), answered(9, 8, 2)}, []bool{true, true}, true},
		"beside on most":  {[]apiclient.DayRuns{answered(8, 8, 2), answered(9, 7, 2)}, []bool{true, false}, true},
		"neither":         {[]apiclient.DayRuns{answered(8, 7, 2), answered(9, 7, 2)}, []bool{false, false}, false},
		"a day missing":   {[]apiclient.DayRuns{answered(9, 10, 2)}, []bool{false, true}, false},
		"a sum not given": {[]apiclient.DayRuns{{Date: time.Date(2026, 6, 8, 0, 0, 0, 0, time.UTC), Passed: known(1)}, answered(9, 10, 2)}, []bool{true, true}, false},
	} {
		f := &DayFacts{Days: []Day{{Date: "2026-06-08", Exporter: own}, {Date: "2026-06-09", Exporter: own}}}
		f.compare(&apiclient.DailyRuns{Days: test.api})
		if got := []bool{f.Days[0].Equal, f.Days[1].Equal}; !cmp.Equal(got, test.equal) || f.FlakyBeside != test.beside {
			t.Errorf("%s: equal %t, flaky beside %t", name, got, f.FlakyBeside)
		}
	}
}
