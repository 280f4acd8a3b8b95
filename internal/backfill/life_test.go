package backfill

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// unknowable are the run metrics that a past does not have: nobody knows afterwards in which
// state a run was that was not finished, and counters belong to an exporter that ran.
var unknowable = regexp.MustCompile(`^empirical_(runs|last_run_state|oldest_active_run_\w+|finished_runs_total|(passed_|failed_|flaky_|skipped_)?tests_total|run_errors_total|run_duration_seconds|up|project_info|exporter_\w+)$`)

// TestRun_IsWhatWasScraped lets an exporter scrape a project for some days, and
// compares each scrape with the past that is written afterwards: each series and
// each gap.
func TestRun_IsWhatWasScraped(t *testing.T) {
	t.Parallel()
	for seed, unit := range []history.Unit{history.UnitAuto, history.Seconds, history.Milliseconds, history.UnitAuto} {
		byList := seed > 1
		t.Run(fmt.Sprintf("unit=%s/byList=%t", unit, byList), func(t *testing.T) {
			t.Parallel()
			var options []apitest.Option
			if byList {
				options = append(options, apitest.WithoutState())
			}
			l := newLife(newTestbed(t, options...), uint64(seed), unit)
			scraped := l.live()
			past := l.past()
			if len(past) != len(scraped) {
				t.Errorf("%d moments, want %d", len(past), len(scraped))
			}
			for _, at := range slices.SortedFunc(maps.Keys(scraped), time.Time.Compare) {
				if wrong := difference(past[at], scraped[at]); wrong != "" {
					t.Fatalf("at %s:\n%s", at, wrong)
				}
			}
		})
	}
}

// life is a believable project of a test, whose items say all that a past needs.
type life struct {
	*testbed
	synth    *synth.Life
	unit     time.Duration // of durations
	finished map[int64]apitest.Run
}

// newLife folds branches, with other ones at each hour, and has a short lookback,
// so that groups come and go.
func newLife(tb *testbed, seed uint64, unit history.Unit) *life {
	tb.config.DurationUnit = unit
	tb.config.Lookback = 12 * time.Hour
	tb.config.Windows = []collector.Window{{Name: "2h", Length: 2 * time.Hour}, {Name: "12h", Length: 12 * time.Hour}}
	tb.config.MaxGroups, tb.config.MinInterval, tb.config.Tests.Top = 9, 0, 0
	tb.config.ResyncInterval = 1000 * time.Hour // there is nothing that only a resync sees
	tb.config.Branches = regexp.MustCompile(`^(?:main|[a-z]+/.*[1-9])$`)
	tb.settings.Team = []string{"", "payments"}[seed%2]
	l := &life{testbed: tb, unit: time.Second, finished: map[int64]apitest.Run{}}
	if seed%2 == 0 {
		l.unit = time.Millisecond
	}
	l.synth = synth.New(tb.project, tb.now, synth.Options{Seed: seed, RunsPerDay: 70, Branches: 4, Milliseconds: l.unit == time.Millisecond})
	return l
}

// live lets time pass, and returns what was scraped at each step.
func (l *life) live() map[time.Time]samples {
	l.Helper()
	begin := l.now
	end := begin.Add(30 * time.Hour)
	exporter := collector.New([]collector.Key{l.key("default", secret)}, l.config, collector.WithClock(l.clock))
	defer exporter.Close()
	scraped := map[time.Time]samples{}
	for ; !l.now.After(end); l.now = l.now.Add(l.plan.Step) {
		l.synth.Advance(l.now)
		l.settle()
		exporter.Refresh(l.Context())
		if s := l.scrape(exporter); len(s) > 0 {
			scraped[l.now] = s
		}
	}
	l.now = l.now.Add(-time.Second) // a moment after the last step
	l.plan.Since = l.now.Sub(begin)
	return scraped
}

// settle lets items say when runs have finished, and takes late snoozes back:
// what else could a past know?
func (l *life) settle() {
	before := l.now.Add(-l.plan.Step)
	for _, run := range l.project.Runs() {
		if !slices.Contains([]string{"ended", "error", "cancelled"}, run.State) {
			continue
		}
		ended, known := l.finished[run.ID]
		if !known {
			ended = run
			began := run.CreatedAt
			if !run.StartedAt.IsZero() {
				began = run.StartedAt
			}
			if run.Duration == nil {
				ended.Duration = new(int64(l.now.Sub(began) / l.unit))
			}
			if !began.Add(time.Duration(*ended.Duration) * l.unit).After(before) {
				ended.Duration = new(*ended.Duration + 1) // what is less than a second was cut off
			}
			l.finished[run.ID] = ended
		}
		if run.Duration != ended.Duration || run.FailedCountAfterSnoozing != ended.FailedCountAfterSnoozing {
			l.project.Update(run.ID, func(r *apitest.Run) { *r = ended })
		}
	}
}

// scrape returns what an exporter shows that a past has, too.
func (l *life) scrape(exporter *collector.Exporter) samples {
	l.Helper()
	families, done, err := exporter.Gather()
	defer done()
	if err != nil {
		l.Fatal(err)
	}
	shown := samples{}
	for _, family := range families {
		if unknowable.MatchString(family.GetName()) {
			continue
		}
		for _, m := range family.GetMetric() {
			shown[seriesOf(family.GetName(), m)] = m.GetGauge().GetValue()
		}
	}
	return shown
}
