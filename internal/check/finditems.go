package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// items says how items are to be understood.
func (f *Facts) items() []Finding {
	all := f.keys()
	all = append(all, f.state(), f.start())
	if f.Unit.Durations > 0 {
		all = append(all, f.unit())
	}
	if f.Counts.Runs > 0 {
		all = append(all, f.counts(), f.snoozes())
	}
	return append(all, f.codes())
}

// needed says what is lost where a documented key is in no item. Keys that are
// not here are left out by the API where they do not apply.
var needed = map[string]string{
	"id":               "no run can be read",
	"created_at":       "no run can be read",
	"test_run_branch":  "all runs are shown under an empty branch",
	"environment_slug": "all runs are shown under an empty environment",
	"total_count":      "passed and failed tests are taken for the total",
	"success_count":    "passed tests are shown as 0",
	"failed_count":     "failed tests are shown as 0, and failed runs as passed",
	"duration":         "there are no durations",
}

// keys says which keys of items are missing and which are not known.
func (f *Facts) keys() []Finding {
	var all []Finding
	for _, key := range f.Items.MissingKeys {
		lost, isNeeded := needed[key]
		counts := strings.HasSuffix(key, "_count") || key == "duration"
		if !isNeeded || counts && f.Items.Ended == 0 {
			continue
		}
		finding := Finding{Mark: Fix, Subject: "keys", Text: key + " is in no item: " + lost, Documented: "in each item", Advice: issues}
		if key == "environment_slug" || key == "total_count" {
			finding.Mark, finding.Advice = Docs, ""
		}
		all = append(all, finding)
	}
	unknown := Finding{Mark: OK, Subject: "keys", Text: "all are known"}
	if n := len(f.Items.UnknownKeys); n > 0 || f.Items.OddNames > 0 {
		unknown = Finding{Mark: Docs, Subject: "keys", Text: "neither documented nor read, in so many items: " + tally(f.Items.UnknownKeys, 20), Documented: "no such keys"}
		if n == 0 {
			unknown.Text = "neither documented nor read"
		}
		if f.Items.OddNames > 0 {
			unknown.Text += fmt.Sprintf("; %s whose names are not shown, because they look odd", counted(f.Items.OddNames, "key"))
		}
	}
	return append(all, unknown)
}

func (f *Facts) state() Finding {
	i := &f.Items
	finding := Finding{Mark: Docs, Subject: "state", Text: "in " + of(i.WithState, i.Read, "items"), Documented: "no state in items"}
	switch i.WithState {
	case 0:
		finding = Finding{Mark: OK, Subject: "state", Text: "in no item, as documented: states are read from eight filtered lists"}
	case i.Read:
	default:
		finding.Text += ": states are read from eight filtered lists"
	}
	return finding
}

func (f *Facts) start() Finding {
	if f.Items.WithStart == 0 {
		return Finding{Mark: OK, Subject: "start", Text: "run_started_at in no item, as documented: there are no queue times"}
	}
	return Finding{Mark: Docs, Subject: "start", Text: "run_started_at in " + of(f.Items.WithStart, f.Items.Read, "items"), Documented: "no run_started_at in items"}
}

func (f *Facts) unit() Finding {
	u := &f.Unit
	own, other, against := u.VotesSeconds, "milliseconds", u.VotesMilliseconds
	if u.Unit == other {
		own, other, against = u.VotesMilliseconds, "seconds", u.VotesSeconds
	}
	evidence := fmt.Sprintf("%s for it, %s for %s; the median is %s",
		countedAs(own, "recent run speaks", "recent runs speak"), terminal.Number(against), other, decimal(u.Median))
	finding := Finding{Mark: OK, Subject: "duration", Text: u.Unit + ": " + evidence, Documented: "no unit"}
	switch {
	case u.Set && against > own:
		finding.Mark = Fix
		finding.Text = u.Unit + ", because --api.duration-unit says so, but " + evidence
		finding.Advice = "take --api.duration-unit away: the exporter finds out by itself"
	case u.Set:
		finding.Text = u.Unit + ", because --api.duration-unit says so: " + evidence
	case own+against == 0:
		finding.Mark = Note
		finding.Text += "; no run that ended in the last six hours speaks for either, so the median decides: set --api.duration-unit if that is wrong"
	case against > 0:
		finding.Mark = Note
	}
	return finding
}

// counts says which sum total_count is.
func (f *Facts) counts() Finding {
	c := &f.Counts
	finding := Finding{Mark: OK, Subject: "counts", Text: fmt.Sprintf("total_count = passed + failed in %s, + skipped in %s, + flaky in %s",
		of(c.PassedFailed, c.Runs, "ended runs"), terminal.Number(c.WithSkipped), terminal.Number(c.WithFlaky))}
	switch {
	case c.PassedFailed == c.Runs && c.Telling == 0:
		finding.Text += ": no run has skipped or flaky tests, so each sum fits"
		return finding
	case c.PassedFailed == c.Runs:
		return finding
	}
	finding.Mark = Note
	finding.Text += ", none of these in " + terminal.Number(c.NoSum)
	if c.OtherID != 0 {
		finding.Text += fmt.Sprintf("; in run %d it is not passed + failed", c.OtherID)
	}
	if c.NoSumID != 0 {
		finding.Text += fmt.Sprintf("; in run %d it is none of these", c.NoSumID)
	}
	finding.Text += ". Build ratios on passed + failed, not on the total"
	return finding
}

func (f *Facts) snoozes() Finding {
	if f.Items.WithSnoozes == 0 {
		return Finding{Mark: OK, Subject: "snoozes", Text: "failed_count_after_snoozing in no ended run, as documented: snoozed failures are not told from others"}
	}
	return Finding{
		Mark: Docs, Subject: "snoozes",
		Text: "failed_count_after_snoozing in " + of(f.Items.WithSnoozes, f.Items.Ended, "ended runs"), Documented: "no such key",
	}
}

func (f *Facts) codes() Finding {
	c := &f.Codes
	if c.Errored == 0 {
		return Finding{Mark: OK, Subject: "error codes", Text: "no errored run to look at"}
	}
	if len(c.Keys) == 0 {
		return Finding{
			Mark: Note, Subject: "error codes", Documented: "six codes, not under which key",
			Text: fmt.Sprintf("none in %s: each is shown as unknown", counted(c.Errored, "errored run")),
		}
	}
	under := map[string]int{}
	for key, n := range c.Keys {
		under["under "+key] = n
	}
	if c.Without > 0 {
		under["without one"] = c.Without
	}
	finding := Finding{
		Mark: OK, Subject: "error codes", Documented: "six codes, not under which key",
		Text: fmt.Sprintf("in %s, %s", counted(c.Errored, "errored run"), tally(under, 5)),
	}
	if len(c.Undocumented) > 0 {
		finding.Mark = Docs
		finding.Text += "; not documented: " + tally(c.Undocumented, 10)
	}
	if c.Texts > 0 {
		finding.Mark = Docs
		finding.Text += fmt.Sprintf("; %s that look like no code, shown as unknown", countedAs(c.Texts, "text", "texts"))
	}
	return finding
}

// tests says whether the analytics of tests may be read.
func (f *Facts) tests() Finding {
	t := &f.Tests
	switch {
	case !t.Asked:
		return Finding{Mark: OK, Subject: "test cases", Text: "not asked for, because --tests.top is 0"}
	case !t.Readable:
		return Finding{Mark: Note, Subject: "test cases", Text: "cannot be read, so there are no metrics of single tests (--tests.top=0 ends the asking): " + t.Error}
	}
	text := "may be read, and add up to " + terminal.Number(t.MostSeries) + " series"
	if t.Tests != nil {
		text += "; the project has " + terminal.Number(*t.Tests)
	}
	return Finding{Mark: OK, Subject: "test cases", Text: text}
}

// metrics says what the runs come to.
func (f *Facts) metrics(config *collector.Config) []Finding {
	m := &f.Metrics
	groups := Finding{Mark: OK, Subject: "groups", Text: counted(m.Groups, "pair") + " of branch and environment with series"}
	all := []Finding{groups}
	if len(m.Excluded) > 0 {
		all = append(all, Finding{Mark: OK, Subject: "folded", Text: `not matched by the expression of branches, so counted under branch="other": ` + groupNames(m.Excluded)})
	}
	if len(m.Overflow) > 0 {
		all = append(all, Finding{
			Mark: Note, Subject: "folded",
			Text: `beyond the limit of --runs.max-groups, so counted under branch="other": ` + groupNames(m.Overflow) + "; name the branches that matter with --runs.branch, or allow more",
		})
	}
	all = append(all, Finding{Mark: OK, Subject: "series", Text: terminal.Number(m.Series)})
	if m.RefreshError != "" {
		return append(all, Finding{Mark: Note, Subject: "requests", Text: "not known, because a second refresh failed: " + m.RefreshError})
	}
	also := "with the whole lookback read again every " + spelled(config.ResyncInterval)
	if f.Tests.Asked {
		also += " and the tests every " + spelled(config.Tests.Interval)
	}
	return append(all, Finding{Mark: OK, Subject: "requests", Text: fmt.Sprintf("%s a scrape where nothing is new; %s a day at a scrape interval of %s, %s",
		terminal.Number(m.RequestsPerScrape), terminal.Number(m.RequestsPerDay), scrapeInterval, also)})
}

// groupNames names the branches of some groups, and how many groups there are.
func groupNames(groups []Group) string {
	const most = 8
	var branches []string
	for _, group := range groups {
		if name := printable(group.Branch, 60); !slices.Contains(branches, name) {
			branches = append(branches, name)
		}
	}
	return fmt.Sprintf("%s (%s)", andMore(branches[:min(most, len(branches))], len(branches)), counted(len(groups), "pair"))
}
