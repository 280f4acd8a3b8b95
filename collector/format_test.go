package collector_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// timedRun is an ended run: how long ago it was created, and its duration as the
// API gives it.
type timedRun struct {
	ago      time.Duration
	duration int64
}

func (tb *testbed) addTimed(runs ...timedRun) {
	for _, r := range runs {
		tb.project.Add(apitest.Run{
			State: "ended", Branch: new("main"), CreatedAt: tb.clock.Now().Add(-r.ago),
			TotalCount: new(int64(1)), SuccessCount: new(int64(1)), Duration: new(r.duration),
		})
	}
}

func (tb *testbed) wantUnit(want history.Unit) {
	tb.Helper()
	tb.wantSample("empirical_exporter_api_info", labels{"duration_unit": want.String()}, 1)
}

func repeated(n int, r timedRun) []timedRun {
	all := make([]timedRun, n)
	for i := range all {
		all[i] = r
		all[i].ago += time.Duration(i) * time.Minute
	}
	return all
}

func TestFormat_DurationUnit(t *testing.T) {
	t.Parallel()
	const week = 7 * day
	for name, test := range map[string]struct {
		runs []timedRun
		want history.Unit
	}{
		"no runs":                               {nil, history.Seconds},
		"three runs in seconds":                 {[]timedRun{{20 * time.Minute, 900}, {2 * time.Hour, 910}, {5 * time.Hour, 1000}}, history.Seconds},
		"three runs in milliseconds":            {[]timedRun{{20 * time.Minute, 900_000}, {2 * time.Hour, 910_000}, {5 * time.Hour, 950_000}}, history.Milliseconds},
		"quiet for a week, in seconds":          {repeated(20, timedRun{week, 900}), history.Seconds},
		"quiet for a week, in milliseconds":     {repeated(20, timedRun{week, 900_000}), history.Milliseconds},
		"suites of three hours in seconds":      {[]timedRun{{3*time.Hour + time.Minute, 10_800}, {week, 10_900}, {week + time.Hour, 10_700}}, history.Seconds},
		"runs of ten seconds in milliseconds":   {[]timedRun{{time.Minute, 10_000}, {time.Hour, 10_100}, {2 * time.Hour, 9_900}}, history.Milliseconds},
		"one absurd value among seconds":        {append(repeated(3, timedRun{time.Hour, 900}), timedRun{time.Hour, 1 << 40}), history.Seconds},
		"one absurd value among milliseconds":   {append(repeated(3, timedRun{time.Hour, 900_000}), timedRun{time.Hour, 300}), history.Milliseconds},
		"one absurd value in a quiet project":   {append(repeated(3, timedRun{week, 900}), timedRun{week, 1 << 40}), history.Seconds},
		"zero says nothing":                     {append(repeated(9, timedRun{time.Hour, 0}), timedRun{week, 900_000}), history.Milliseconds},
		"a run of tomorrow's clock has no vote": {[]timedRun{{-time.Hour, 1}, {week, 900_000}, {week, 900_000}}, history.Milliseconds},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, byList bool) {
				tb := newTestbed(t, setup{byList: byList})
				tb.addTimed(test.runs...)
				tb.start()
				tb.scrape()
				tb.wantUnit(test.want)
			})
		})
	}
}

// In a quiet project the median of three-hour suites is taken for milliseconds.
// The first run that is seen to end there says better.
func TestFormat_LiveRunsCorrectTheUnit(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList, configure: func(c *collector.Config) { c.ZeroHold = 0 }})
		tb.addTimed(timedRun{6 * day, 10_800}, timedRun{6*day - time.Hour, 10_900})
		tb.addRun(100, "main", "started")
		tb.start()
		tb.scrape()
		tb.wantUnit(history.Milliseconds)
		inMain := labels{"environment": "", "window": "7d", "stat": "max"}
		tb.wantSample("empirical_recent_run_duration_seconds", inMain, 10.9)

		tb.clock.advance(3 * time.Hour)
		tb.log.take()
		tb.project.Update(100, func(r *apitest.Run) { r.State, r.Duration = "ended", new(int64(10_750)) })
		tb.scrape()
		tb.wantUnit(history.Seconds)
		tb.wantSample("empirical_recent_run_duration_seconds", inMain, 10_900)
		tb.wantSample("empirical_last_completed_run_duration_seconds", labels{"environment": "staging"}, 10_750)
		tb.wantSample("empirical_run_duration_seconds_sum", labels{"environment": "staging"}, 10_750)
		if bad, _ := tb.log.take(); len(bad) != 1 || !strings.Contains(bad[0], "durations are now taken for seconds") {
			t.Errorf("logged %q, want one warning on the unit", bad)
		}

		tb.awaitResync()
		tb.clock.advance(12 * time.Hour) // no run votes for seconds any more, but the vote is remembered
		tb.scrape()
		tb.awaitResync()
		tb.collect()
		tb.wantUnit(history.Seconds)
	})
}

// A change of the unit after runs were counted takes the histogram along: its
// runs are those that were counted, in the unit that holds.
func TestFormat_HistogramChangesWithTheUnit(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.ZeroHold = 0 }})
	tb.addRun(1, "main", "started")
	tb.addRun(2, "main", "started")
	tb.start()
	tb.scrape()
	tb.scrape()
	tb.clock.advance(10 * time.Hour) // so that the run says nothing
	tb.project.Update(1, func(r *apitest.Run) { r.State, r.Duration = "ended", new(int64(9_000)) })
	tb.scrape()
	tb.wantSample("empirical_run_duration_seconds_sum", nil, 9_000)
	tb.addRun(3, "main", "started")
	tb.scrape()
	tb.clock.advance(10 * time.Second)
	tb.project.Update(3, func(r *apitest.Run) { r.State, r.Duration = "ended", new(int64(9_500)) })
	tb.scrape()
	tb.wantUnit(history.Milliseconds)
	tb.wantSample("empirical_run_duration_seconds_sum", nil, 18.5)
	tb.wantSample("empirical_run_duration_seconds_count", nil, 2)
}

func TestFormat_DurationUnitByFlag(t *testing.T) {
	t.Parallel()
	for unit, want := range map[history.Unit]float64{history.Seconds: 900_000, history.Milliseconds: 900} {
		tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.DurationUnit = unit }})
		tb.addTimed(timedRun{time.Hour, 900_000})
		tb.start()
		tb.scrape()
		tb.wantUnit(unit)
		tb.wantSample("empirical_last_completed_run_duration_seconds", nil, want)
	}
}

func TestFormat_Info(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.addPast()
		tb.start()
		tb.collect()
		tb.wantNoSample("empirical_exporter_api_info", nil)
		tb.scrape()
		state := map[bool]string{false: "item", true: "list"}[byList]
		tb.wantSample("empirical_exporter_api_info", labels{"key": testedKey, "duration_unit": "milliseconds", "run_state": state, "run_started": "no"}, 1)
		tb.project.Add(apitest.Run{State: "started", StartedAt: tb.clock.Now(), Branch: new("main")})
		tb.scrape()
		tb.wantSample("empirical_exporter_api_info", labels{"key": testedKey, "run_started": "yes"}, 1)
	})
}

func TestFormat_QueueTime(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		now := tb.clock.Now()
		add := func(state string, ago, queued time.Duration) {
			created := now.Add(-ago)
			tb.project.Add(apitest.Run{State: state, Branch: new("main"), CreatedAt: created, StartedAt: created.Add(queued), Duration: new(int64(60_000))})
		}
		add("started", 10*time.Minute, 90*time.Second)
		add("ended", time.Hour, 30*time.Second)
		add("cancelled", 2*time.Hour, -time.Second) // by another clock
		add("error", 2*day, 10*time.Second)
		tb.project.Add(apitest.Run{State: "queued", Branch: new("main"), CreatedAt: now})
		tb.start()
		tb.scrape()
		tb.wantAll("at first")
		for stat, want := range map[string]float64{"mean": 40, "p50": 30, "p90": 90, "max": 90} {
			tb.wantSample("empirical_recent_run_queued_seconds", labels{"window": "1d", "stat": stat}, want)
		}
		tb.wantSample("empirical_last_completed_run_queued_seconds", nil, 30)
		tb.wantSample("empirical_oldest_active_run_started_timestamp_seconds", labels{"state": "started"}, seconds(now.Add(-10*time.Minute+90*time.Second)))
		tb.wantNoSample("empirical_oldest_active_run_started_timestamp_seconds", labels{"state": "queued"})
	})
}

// Nobody documents under which key an error code stands, so a documented code is
// found wherever it is.
func TestFormat_ErrorCodes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ item, want string }{
		"error_code":               {`{"error_code": "dispatch_failed"}`, "dispatch_failed"},
		"an undocumented code":     {`{"error_code": "out_of_disk", "code": "dispatch_failed"}`, "out_of_disk"},
		"another key":              {`{"run_error": "dispatch_failed"}`, "dispatch_failed"},
		"an object":                {`{"error": {"type": "x", "code": "dispatch_failed"}}`, "dispatch_failed"},
		"error_code is an object":  {`{"error_code": {"code": "dispatch_failed"}}`, "dispatch_failed"},
		"error_code is null":       {`{"error_code": null, "reason": "dispatch_failed"}`, "dispatch_failed"},
		"no documented code":       {`{"reason": "the disk is full"}`, "unknown"},
		"an object in an object":   {`{"error": {"cause": {"code": "dispatch_failed"}}}`, "unknown"},
		"a name of something else": {`{"test_run_branch": "merge_conflict", "environment_name": "merge_conflict", "commit_message": "merge_conflict"}`, "unknown"},
		"variables and metadata":   {`{"environment_variables_overrides": {"A": "merge_conflict"}, "metadata": {"code": "merge_conflict"}}`, "unknown"},
		"a name within an object":  {`{"error": {"branch": "merge_conflict", "code": "dispatch_failed"}}`, "dispatch_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := newTestbed(t, setup{})
			var extra map[string]json.RawMessage
			if err := json.Unmarshal([]byte(test.item), &extra); err != nil {
				t.Fatal(err)
			}
			for i, state := range []string{"error", "ended"} {
				tb.project.Add(apitest.Run{State: state, CreatedAt: tb.clock.Now().Add(-time.Duration(i) * time.Minute), Extra: extra})
			}
			tb.start()
			tb.scrape()
			tb.wantSample("empirical_recent_run_errors", labels{"window": "1d", "error_code": test.want}, 1)
			tb.wantSample("empirical_last_completed_run_info", labels{"error_code": test.want, "outcome": "error"}, 1)
		})
	}
}

func TestFormat_Times(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	at := tb.clock.Now()
	for i, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05.000Z", "2006-01-02t15:04:05z", "2006-01-02T15:04:05+0000", "2006-01-02 15:04:05.5+00",
	} {
		text := at.UTC().Format(layout)
		tb.project.Add(apitest.Run{
			State: "ended", Branch: new(fmt.Sprintf("spelling-%d", i)),
			Extra: map[string]json.RawMessage{"created_at": json.RawMessage(fmt.Sprintf("%q", text)), "run_started_at": json.RawMessage(fmt.Sprintf("%q", text))},
		})
	}
	tb.project.Add(apitest.Run{
		State: "ended", Branch: new("no zone"), Extra: map[string]json.RawMessage{"created_at": json.RawMessage(`"2026-06-01T11:00:00"`)},
	})
	tb.start()
	tb.scrape()
	for i := range 5 {
		tb.wantSample("empirical_recent_runs", labels{"branch": fmt.Sprintf("spelling-%d", i), "window": "1d", "outcome": "passed"}, 1)
		tb.wantSample("empirical_last_completed_run_queued_seconds", labels{"branch": fmt.Sprintf("spelling-%d", i)}, 0)
	}
	tb.wantNoSample("empirical_runs", labels{"branch": "no zone"})
	tb.wantSample("empirical_exporter_refused_runs_total", labels{"reason": "created_at"}, 1)
}

// A start in the far future is a way to say never.
func TestFormat_AbsurdStarts(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{})
	for i, start := range []time.Time{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)} {
		tb.project.Add(apitest.Run{
			State: "started", Branch: new(fmt.Sprint(i)), CreatedAt: tb.clock.Now(),
			Extra: map[string]json.RawMessage{"run_started_at": json.RawMessage(fmt.Sprintf("%q", start.Format(time.RFC3339)))},
		})
	}
	tb.start()
	tb.scrape()
	tb.wantNoSample("empirical_oldest_active_run_started_timestamp_seconds", labels{"branch": "0"})
	tb.wantNoSample("empirical_recent_run_queued_seconds", labels{"branch": "0"})
	tb.wantSample("empirical_recent_run_queued_seconds", labels{"branch": "1", "window": "1d", "stat": "max"}, 0)
}

// Once ten runs have been seen to finish, a single run decides nothing any more:
// only readings of the whole lookback do.
func TestFormat_TenRunsAreEnough(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, setup{configure: func(c *collector.Config) { c.ResyncInterval = day }})
	for id := range int64(10) {
		tb.addRun(id+1, "main", "started")
	}
	tb.start()
	tb.scrape()
	tb.clock.advance(10 * time.Hour) // so that these runs say nothing
	for id := range int64(10) {
		tb.project.Update(id+1, func(r *apitest.Run) { r.State, r.Duration = "ended", new(int64(9_000)) })
	}
	tb.scrape()
	tb.addRun(20, "main", "started")
	tb.scrape()
	tb.clock.advance(10 * time.Second)
	tb.project.Update(20, func(r *apitest.Run) { r.State, r.Duration = "ended", new(int64(9_500)) })
	tb.scrape()
	tb.wantUnit(history.Seconds)
	tb.clock.advance(day)
	tb.scrape()
	tb.awaitResync()
	tb.collect()
	tb.wantUnit(history.Milliseconds)
}
