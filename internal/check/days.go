package check

import (
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

const (
	day = 24 * time.Hour
	// maxDays is the most days that are compared: they should fit on a screen.
	maxDays = 7
)

// fullDays returns the last whole days in UTC that lie in the lookback, oldest
// first.
func fullDays(now time.Time, lookback time.Duration) []time.Time {
	now = now.UTC()
	var days []time.Time
	today := now.Truncate(day)
	for i := maxDays; i >= 1; i-- {
		if begin := today.Add(-time.Duration(i) * day); begin.After(now.Add(-lookback)) {
			days = append(days, begin)
		}
	}
	return days
}

// ownDays returns the exporter's sums over the runs of some days.
func ownDays(in *collector.Inspection, days []time.Time) []Day {
	all := make([]Day, len(days))
	byBegin := map[time.Time]*Sums{}
	for i, begin := range days {
		all[i].Date = begin.Format(time.DateOnly)
		byBegin[begin] = &all[i].Exporter
	}
	for run := range in.Held() {
		if sums := byBegin[time.Unix(0, run.Created).UTC().Truncate(day)]; sums != nil {
			sums.add(run)
		}
	}
	return all
}

func (s *Sums) add(run *history.Run) {
	switch run.Outcome {
	case history.OutcomePassed:
		s.Passed++
	case history.OutcomeFailed:
		s.Failed++
	case history.OutcomeError:
		s.Error++
	case history.OutcomeCancelled:
		s.Cancelled++
	case history.NoOutcome:
	}
	if run.State == history.Ended {
		s.PassedTests += Sum(run.Tests.Passed)
		s.FailedTests += Sum(run.Tests.Failed)
		s.FlakyTests += Sum(run.Tests.Flaky)
	}
}

// compare puts the API's sums beside the exporter's.
func (f *DayFacts) compare(answer *apiclient.DailyRuns) {
	f.Refused = len(answer.Refused)
	byDate := map[string]*Sums{}
	for i := range answer.Days {
		d := &answer.Days[i]
		byDate[d.Date.Format(time.DateOnly)] = &Sums{
			Passed: numberOf(d.Passed), Failed: numberOf(d.Failed), Error: numberOf(d.Errored), Cancelled: numberOf(d.Cancelled),
			PassedTests: numberOf(d.PassedTests), FailedTests: numberOf(d.FailedTests), FlakyTests: numberOf(d.FlakyTests),
		}
	}
	for i := range f.Days {
		f.Days[i].API = byDate[f.Days[i].Date]
	}
	f.FlakyBeside = flakyBeside(f.Days)
	for i := range f.Days {
		d := &f.Days[i]
		api := d.API
		if api == nil {
			api = &Sums{} // a day without runs may be left out
		}
		d.Equal = d.Exporter.equal(api.asExporter(f.FlakyBeside))
	}
}

func numberOf(count apiclient.Count) Sum {
	if !count.Known {
		return notSaid
	}
	return Sum(count.N)
}

// flakyBeside reports whether the API's passed tests leave out the flaky ones,
// which are among the exporter's: on more days than not, where it shows.
func flakyBeside(days []Day) bool {
	beside, among := 0, 0
	for _, d := range days {
		if d.API == nil || d.API.PassedTests == notSaid || d.API.FlakyTests <= 0 {
			continue
		}
		switch d.Exporter.PassedTests {
		case d.API.PassedTests + d.API.FlakyTests:
			beside++
		case d.API.PassedTests:
			among++
		default: // says nothing
		}
	}
	return beside > among
}

// asExporter returns the API's sums with the flaky tests among those that passed.
func (s Sums) asExporter(flakyBeside bool) Sums {
	if flakyBeside && s.PassedTests != notSaid && s.FlakyTests != notSaid {
		s.PassedTests += s.FlakyTests
	}
	return s
}

// equal reports whether the API's sums are the same, as far as it gives them.
func (s Sums) equal(api Sums) bool {
	theirs := api.values()
	for i, own := range s.values() {
		if theirs[i] != notSaid && theirs[i] != own {
			return false
		}
	}
	return true
}

// values returns the sums in the order of the columns.
func (s Sums) values() []Sum {
	return []Sum{s.Passed, s.Failed, s.Error, s.Cancelled, s.PassedTests, s.FailedTests, s.FlakyTests}
}
