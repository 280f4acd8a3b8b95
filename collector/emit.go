package collector

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// emitter emits the series of one group, one project or one key: to a registry as
// const metrics, to the part where they are kept between scrapes, or to the past.
type emitter struct {
	part *part      // nil where they do not go there
	past *PastGroup // nil where they do not go there, either; takes gauges alone

	ch     chan<- prometheus.Metric
	labels []string // project, branch, environment; or project; or key
	team   string   // empty is no label team
}

// desc returns the description of a metric with the labels that it has here.
func (e *emitter) desc(m *Metric) *prometheus.Desc {
	if e.team == "" {
		return m.desc
	}
	return m.teamDesc
}

// values returns the label values of a metric, in a slice of its own.
func (e *emitter) values(more []string) []string {
	all := slices.Concat(e.labels, more)
	if e.team == "" {
		return all
	}
	return append(all, e.team)
}

func (e *emitter) gauge(m *Metric, value float64, labels ...string) {
	switch {
	case e.part != nil:
		e.part.take(m, labels).value = value
	case e.past != nil:
		e.past.add(m, value, labels)
	default:
		e.ch <- prometheus.MustNewConstMetric(e.desc(m), prometheus.GaugeValue, value, e.values(labels)...)
	}
}

func (e *emitter) count(m *Metric, value int, labels ...string) {
	e.gauge(m, float64(value), labels...)
}

// timestamp emits a time given in nanoseconds since 1970.
func (e *emitter) timestamp(m *Metric, nanoseconds int64, labels ...string) {
	// Microseconds are exact in a float64, so that only the division rounds.
	e.gauge(m, float64(nanoseconds/int64(time.Microsecond))/1e6, labels...)
}

func (e *emitter) counter(m *Metric, value float64, created time.Time, labels ...string) {
	if e.part != nil {
		s := e.part.take(m, labels)
		s.value, s.shown.Counter.CreatedTimestamp = value, e.part.createdAt(created)
		return
	}
	e.ch <- prometheus.MustNewConstMetricWithCreatedTimestamp(e.desc(m), prometheus.CounterValue, value, created, e.values(labels)...)
}

// histogram emits a copy of a histogram, which must not change later.
func (e *emitter) histogram(m *Metric, histogram *dto.Histogram) {
	if e.part != nil {
		e.part.take(m, nil).shown.Histogram = histogram
		return
	}
	desc := e.desc(m)
	e.ch <- histogramMetric{desc, histogram, prometheus.MakeLabelPairs(desc, e.values(nil))}
}

// group emits all that is shown of a group.
func (e *emitter) group(g *group, of *groups, windows []Window) {
	e.current(g)
	e.recentAndLast(g, of, windows)
}

// current emits in which states the runs are now.
func (e *emitter) current(g *group) {
	for s, n := range g.states {
		if state := history.State(s); state != history.Unknown || n > 0 {
			e.count(runsMetric, n, state.String())
		}
	}
	for s, r := range g.oldest {
		if r != nil {
			e.timestamp(oldestActiveCreated, r.Created, history.State(s).String())
			e.gauge(oldestActiveInfo, 1, history.State(s).String(), strconv.FormatInt(r.ID, 10))
			if r.Started != history.NoStart {
				e.timestamp(oldestActiveStarted, r.Started, history.State(s).String())
			}
		}
	}
	if !g.folded {
		e.lastState(g.newest.State)
	}
}

// recentAndLast emits what can also be said of a moment of the past: the windows
// and the last run.
func (e *emitter) recentAndLast(g *group, of *groups, windows []Window) {
	for i, w := range windows {
		e.window(&g.windows[i], w.Name)
	}
	if !g.folded {
		e.lastRun(g)
		e.lastCompletedRun(g.completed, of)
	}
}

func (e *emitter) window(s *statistics, name string) {
	for o, n := range s.outcomes {
		e.count(recentRuns, n, name, history.Outcome(o).String())
	}
	e.gauge(recentTests, float64(s.tests.Total), name)
	e.gauge(recentPassedTests, float64(s.tests.Passed), name)
	e.gauge(recentFailedTests, float64(s.tests.Failed), name)
	e.gauge(recentFlakyTests, float64(s.tests.Flaky), name)
	e.gauge(recentSkippedTests, float64(s.tests.Skipped), name)
	e.gauge(recentSnoozedTests, float64(s.tests.Snoozed), name)
	e.count(recentFlakyRuns, s.flakyRuns, name)
	e.sample(recentDuration, &s.durations, name)
	e.sample(recentQueued, &s.queued, name)
	for _, code := range slices.Sorted(maps.Keys(s.errors)) {
		e.count(recentErrors, s.errors[code], name, code)
	}
}

// sample emits what some times come to, and nothing where there are none.
func (e *emitter) sample(m *Metric, s *sample, window string) {
	if s.count == 0 {
		return
	}
	e.gauge(m, s.mean, window, "mean")
	e.gauge(m, s.p50, window, "p50")
	e.gauge(m, s.p90, window, "p90")
	e.gauge(m, s.max, window, "max")
}

func (e *emitter) lastState(last history.State) {
	for s := range history.Unknown {
		e.gauge(lastState, boolToFloat(last == s), s.String())
	}
	if last == history.Unknown {
		e.gauge(lastState, 1, history.Unknown.String())
	}
}

func (e *emitter) lastRun(g *group) {
	e.timestamp(lastCreated, g.newest.Created)
	if g.passed != nil {
		e.timestamp(lastPassedCreated, g.passed.Created)
	}
	e.count(failingStreak, g.streak)
}

func (e *emitter) lastCompletedRun(r *history.Run, of *groups) {
	if r == nil {
		return
	}
	e.gauge(lastCompletedInfo, 1, strconv.FormatInt(r.ID, 10), r.Outcome.String(),
		of.codes.label(r.Code.Value()), r.Build.Value(), r.Commit)
	e.gauge(lastCompletedSuccess, boolToFloat(r.Outcome == history.OutcomePassed))
	e.gauge(lastCompletedTests, float64(r.Tests.Total))
	e.gauge(lastCompletedPassed, float64(r.Tests.Passed))
	e.gauge(lastCompletedFailed, float64(r.Tests.Failed))
	e.gauge(lastCompletedFlaky, float64(r.Tests.Flaky))
	e.gauge(lastCompletedSkipped, float64(r.Tests.Skipped))
	e.gauge(lastCompletedSnoozed, float64(r.Tests.Snoozed))
	if r.Duration >= 0 {
		e.gauge(lastCompletedSeconds, of.unit.In(r.Duration))
	}
	if seconds, ok := r.Queued(); ok {
		e.gauge(lastCompletedQueued, seconds)
	}
	e.timestamp(lastCompletedCreated, r.Created)
}

// counters emits the counters of a group.
func (e *emitter) counters(c *groupCounters, unit history.Unit) {
	for o, n := range c.outcomes {
		e.counter(finishedRunsTotal, float64(n), c.created, history.Outcome(o).String())
	}
	e.counter(testsTotal, float64(c.tests.Total), c.created)
	e.counter(passedTestsTotal, float64(c.tests.Passed), c.created)
	e.counter(failedTestsTotal, float64(c.tests.Failed), c.created)
	e.counter(flakyTestsTotal, float64(c.tests.Flaky), c.created)
	e.counter(skippedTestsTotal, float64(c.tests.Skipped), c.created)
	for _, code := range documentedCodes {
		e.counter(runErrorsTotal, float64(c.errors[code]), c.created, code)
	}
	for _, code := range slices.Sorted(maps.Keys(c.others)) {
		e.counter(runErrorsTotal, float64(c.others[code].count), c.others[code].created, code)
	}
	e.histogram(runDuration, c.durations.in(unit).copy(c.created))
}

// tests emits the tests of a project, where they may be shown.
func (e *emitter) tests(view *testcases.View) {
	if view == nil || !view.Fresh {
		return
	}
	if view.Total.Known {
		e.gauge(testCasesMetric, float64(view.Total.N))
	}
	for _, t := range view.Tests {
		of := []string{t.ID, t.Name, t.FilePath, t.PlaywrightProject, view.Window}
		e.gauge(testCaseRuns, float64(t.Passed), append(of, "passed")...)
		e.gauge(testCaseRuns, float64(t.Failed), append(of, "failed")...)
		e.gauge(testCaseRuns, float64(t.Flaky), append(of, "flaky")...)
		if !t.LastRunAt.IsZero() {
			e.timestamp(testCaseLastRun, t.LastRunAt.UnixNano(), of[:4]...)
		}
	}
}

func boolToFloat(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
