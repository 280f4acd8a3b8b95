package backfill

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

func TestPlan_Moments(t *testing.T) {
	now := time.Date(2026, 6, 10, 12, 3, 20, 500, time.UTC)
	for name, test := range map[string]struct {
		plan        Plan
		first, last string
	}{
		"of five minutes":  {Plan{Since: time.Hour, Step: 5 * time.Minute}, "11:05:00", "12:00:00"},
		"of a second":      {Plan{Since: 2 * time.Second, Step: time.Second}, "12:03:19", "12:03:20"},
		"of seven minutes": {Plan{Since: time.Hour, Step: 7 * time.Minute}, "11:10:00", "11:59:00"},
		"until":            {Plan{Since: 3 * time.Hour, Until: 3*time.Minute + 20*time.Second, Step: time.Hour}, "10:00:00", "12:00:00"},
		"since a moment":   {Plan{Since: time.Hour + 3*time.Minute + 20*time.Second + 500, Step: time.Hour}, "11:00:00", "12:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			first, last := test.plan.moments(now)
			if got := first.UTC().Format(time.TimeOnly); got != test.first || first.Nanosecond() != 0 {
				t.Errorf("the first is %s, want %s", first, test.first)
			}
			if got := last.UTC().Format(time.TimeOnly); got != test.last || last.Nanosecond() != 0 {
				t.Errorf("the last is %s, want %s", last, test.last)
			}
		})
	}
}

// The past ends with the last moment, and has no gap where runs are in the lookback.
func TestRun_Moments(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.plan.Since, tb.plan.Until, tb.plan.Step = 90*time.Minute, 30*time.Minute, 7*time.Second
	past := tb.past()
	first, last := tb.plan.moments(tb.now)
	moments := 0
	for at := first.UTC(); !at.After(last); at = at.Add(tb.plan.Step) {
		moments++
		if len(past[at]) == 0 {
			t.Fatalf("nothing at %s", at)
		}
	}
	if len(past) != moments || moments < 500 {
		t.Errorf("%d moments, want %d", len(past), moments)
	}
}

func TestRun_Refusals(t *testing.T) {
	for name, test := range map[string]struct {
		arrange func(*testbed) []collector.Key
		want    []string // expressions for the one line
	}{
		"a key that fails": {func(tb *testbed) []collector.Key {
			return []collector.Key{tb.key("good", secret), tb.key("bad", "another_key")}
		}, []string{`key "bad"`, "401", "put a valid key of the project where this one is read from$"}},
		"a wait that is too long": {func(tb *testbed) []collector.Key {
			tb.skipWaits()
			tb.api.Inject(apitest.StatusRetryAfter(429, "3601"))
			return []collector.Key{tb.key("one", secret)}
		}, []string{`^key "one": the API asks to wait until 2026-06-10T13:00:01Z, and 1h is the longest wait; start again then; if it goes on, lower --api.max-rate or --api.concurrency$`}},
		"two keys of one project": {func(tb *testbed) []collector.Key {
			tb.project.AddKey("another_key")
			return []collector.Key{tb.key("one", secret), tb.key("two", "another_key")}
		}, []string{`the keys "one" and "two" are both of the project "checkout"`}},
		"no moment": {func(tb *testbed) []collector.Key {
			tb.now = tb.now.Add(time.Hour)
			tb.plan.Since, tb.plan.Step = 2*time.Hour-time.Second, 100*time.Hour
			return []collector.Key{tb.key("one", secret)}
		}, []string{`no multiple of --step \(4d4h\) lies between --since \(1h59m59s\) and --until \(0s\) ago`}},
		"a list that cannot be right": {func(tb *testbed) []collector.Key {
			tb.api.Inject(apitest.Status(200, "no JSON"))
			return []collector.Key{tb.key("one", secret)}
		}, []string{`key "one"`, "JSON"}},
	} {
		t.Run(name, func(t *testing.T) {
			tb := newTestbed(t)
			tb.addRuns()
			err := tb.run(test.arrange(tb)...)
			for _, want := range test.want {
				if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
					t.Errorf("%v, want one with %q", err, want)
				}
			}
		})
	}
}

func TestRun_NoKey(t *testing.T) {
	tb := newTestbed(t)
	if err := Run(t.Context(), nil, tb.config, tb.plan, Streams{Now: tb.clock}); err == nil || !strings.Contains(err.Error(), "no API key") {
		t.Errorf("%v", err)
	}
	tb.wantNothing()
}

// Several projects stand in one file, each family together.
func TestRun_Projects(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	other := tb.api.AddProject("search", "another_key")
	other.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: tb.now.Add(-time.Hour), Duration: new(int64(60))})
	first, second := tb.key("one", secret), tb.key("two", "another_key")
	second.Settings.Team = "find"
	if err := tb.run(first, second); err != nil {
		t.Fatal(err)
	}
	all := map[time.Time]samples{}
	for _, path := range tb.files() {
		tb.parse([]byte(tb.read(path)), all)
	}
	for _, want := range []string{
		`empirical_failing_streak_runs{branch="main",environment="production",project="checkout"}`,
		`empirical_failing_streak_runs{branch="main",environment="",project="search",team="find"}`,
	} {
		if _, there := all[tb.now][want]; !there {
			t.Errorf("no %s", want)
		}
	}
}

func TestRun_Refused(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.project.Add(apitest.Run{ID: 77, State: "ended", CreatedAt: tb.now.Add(-time.Hour), Duration: new(int64(-5))})
	tb.past()
	if got := tb.report.String(); !strings.Contains(got, `key "default": 1 runs left out because they cannot be trusted; of run 77 duration`) {
		t.Errorf("%q", got)
	}
}

// A project without runs has no past, which is no error.
func TestRun_Empty(t *testing.T) {
	tb := newTestbed(t)
	tb.plan.Output = strings.TrimSuffix(tb.plan.Output, "/")
	if err := tb.run(); err != nil {
		t.Fatal(err)
	}
	if got := tb.read(tb.plan.Output); got != "# EOF\n" {
		t.Errorf("%q", got)
	}
}

// fullWriter has no room left.
type fullWriter struct{}

// Write implements io.Writer.
func (fullWriter) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: errors.New("no space left on device")}
}

func TestRun_StandardOutput(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.goldenPlan()
	tb.plan.Output = standardOutput
	var out strings.Builder
	keys := []collector.Key{tb.key("default", secret)}
	if err := Run(t.Context(), keys, tb.config, tb.plan, Streams{Stdout: &out, Report: &tb.report, Now: tb.clock}); err != nil {
		t.Fatal(err)
	}
	if out.String() != tb.read("testdata/past.om") {
		t.Error("it differs from what a file gets")
	}
	err := Run(t.Context(), keys, tb.config, tb.plan, Streams{Stdout: fullWriter{}, Report: &tb.report, Now: tb.clock})
	if want := "the standard output cannot be written: no space left on device"; fmt.Sprint(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}
