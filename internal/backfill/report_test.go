package backfill

import (
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A reading waits as long as the API asks, and says so.
func TestRun_LongWait(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.skipWaits()
	tb.api.InjectN(1, apitest.StatusRetryAfter(429, "3600"))
	if past := tb.past(); len(past) == 0 {
		t.Error("nothing is written")
	}
	const want = `key "default": the API answered 429 Too Many Requests: Too Many Requests; it asks to wait, and the reading goes on at 13:00:00 UTC`
	if got, _, _ := strings.Cut(tb.report.String(), "\n"); got != want {
		t.Errorf("%q is reported, want %q", got, want)
	}
}

// The past of a day needs runs of ten days: the lookback is nine days long.
func TestRun_OldestRun(t *testing.T) {
	const ended = `key "default": the list of runs ended with one created `
	days := func(from, to, step int) (ago []time.Duration) {
		for d := from; d >= to; d -= step {
			ago = append(ago, time.Duration(d)*24*time.Hour)
		}
		return ago
	}
	for name, test := range map[string]struct {
		ago     []time.Duration
		warning string // how it begins; empty where there is none
		oldest  string
	}{
		"as asked for":       {days(10, 1, 1), "", "2026-05-31 12:00"},
		"half a day younger": {[]time.Duration{228 * time.Hour, 227 * time.Hour}, "", "2026-06-01 00:00"},
		"a day younger":      {days(9, 1, 1), "", "2026-06-01 12:00"},
		"two days younger":   {days(8, 1, 1), ended + "2026-06-02 12:00 UTC, though the past needs those from 2026-05-31 12:00 UTC on; if", "2026-06-02 12:00"},
		"gaps as long":       {days(8, 2, 2), "", "2026-06-02 12:00"},
		"one run":            {days(1, 1, 1), ended + "2026-06-09 12:00 UTC, though", "2026-06-09 12:00"},
		"older than needed":  {[]time.Duration{252 * time.Hour}, "", "2026-05-31 00:00"},
		"no run":             {nil, `key "default": the API gave no run, though the past needs those from 2026-05-31 12:00 UTC on`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tb := newTestbed(t)
			tb.config.Lookback, tb.plan.Since = 9*24*time.Hour, 24*time.Hour
			for _, ago := range test.ago {
				tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(-ago), Duration: new(int64(60))})
			}
			tb.plan.Output = strings.TrimSuffix(tb.plan.Output, "/")
			if err := tb.run(); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(tb.report.String(), "\n"), "\n")
			warning, last := strings.Join(lines[:len(lines)-1], "\n"), lines[len(lines)-1]
			if !strings.HasPrefix(warning, test.warning) || (warning == "") != (test.warning == "") {
				t.Errorf("the warning is %q, want %q", warning, test.warning)
			}
			if _, oldest, _ := strings.Cut(last, "; the oldest run that was read was created "); strings.TrimSuffix(oldest, " UTC") != test.oldest {
				t.Errorf("%q, want the oldest run to be of %q", last, test.oldest)
			}
		})
	}
}

// Each project is looked at.
func TestRun_OldestRunOfProjects(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.AddDate(0, 0, -8)})
	other := tb.api.AddProject("search", "another_key")
	other.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(-time.Hour)})
	if err := tb.run(tb.key("one", secret), tb.key("two", "another_key")); err != nil {
		t.Fatal(err)
	}
	got := tb.report.String()
	if !strings.HasPrefix(got, `key "two": the list of runs ended with one created 2026-06-10 11:00 UTC`) || strings.Contains(got, `key "one"`) ||
		!strings.HasSuffix(got, "; the oldest run that was read was created 2026-06-02 12:00 UTC\n") {
		t.Errorf("%q", got)
	}
}
