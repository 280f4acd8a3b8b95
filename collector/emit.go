package collector

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// emitter sends const metrics of one group.
type emitter struct {
	ch     chan<- prometheus.Metric
	labels []string // project, branch, environment
}

// values returns the label values of a metric, in a slice of its own.
func (e *emitter) values(more []string) []string {
	return append(e.labels[:len(e.labels):len(e.labels)], more...)
}

func (e *emitter) gauge(m *Metric, value float64, labels ...string) {
	e.ch <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, value, e.values(labels)...)
}

func (e *emitter) count(m *Metric, value int, labels ...string) {
	e.gauge(m, float64(value), labels...)
}

func (e *emitter) created(m *Metric, r *run, labels ...string) {
	// In microseconds a time is exact in a float64, and so is rounded but once.
	e.gauge(m, float64(r.created/int64(time.Microsecond))/1e6, labels...)
}

func (e *emitter) counter(m *Metric, value float64, created time.Time, labels ...string) {
	e.ch <- prometheus.MustNewConstMetricWithCreatedTimestamp(m.desc, prometheus.CounterValue, value, created, e.values(labels)...)
}

// group emits all that is shown of a group.
func (e *emitter) group(g *group, windows []Window, v *view) {
	for s, n := range g.states {
		if state(s) != unknownState || n > 0 {
			e.count(runsMetric, n, state(s).String())
		}
	}
	for s, r := range g.oldest {
		if r != nil {
			e.created(oldestActiveCreated, r, state(s).String())
			e.gauge(oldestActiveInfo, 1, state(s).String(), strconv.FormatInt(r.id, 10))
		}
	}
	for i, w := range windows {
		e.window(&g.windows[i], w.Name)
	}
	if !g.folded {
		e.lastRun(g)
		e.lastCompletedRun(g, v)
	}
}

func (e *emitter) window(f *figures, name string) {
	for o, n := range f.outcomes {
		e.count(recentRuns, n, name, outcome(o).String())
	}
	e.gauge(recentTests, float64(f.tests.total), name)
	e.gauge(recentPassedTests, float64(f.tests.passed), name)
	e.gauge(recentFailedTests, float64(f.tests.failed), name)
	e.gauge(recentFlakyTests, float64(f.tests.flaky), name)
	e.gauge(recentSkippedTests, float64(f.tests.skipped), name)
	e.gauge(recentSnoozedTests, float64(f.tests.snoozed), name)
	e.count(recentFlakyRuns, f.flakyRuns, name)
	if d := f.durations; d != nil {
		e.gauge(recentDuration, d.mean, name, "mean")
		e.gauge(recentDuration, d.p50, name, "p50")
		e.gauge(recentDuration, d.p90, name, "p90")
		e.gauge(recentDuration, d.max, name, "max")
	}
	for code, n := range f.errors {
		e.count(recentErrors, n, name, code)
	}
}

func (e *emitter) lastRun(g *group) {
	for s := range unknownState {
		e.gauge(lastState, truth(g.newest.state == s), s.String())
	}
	if g.newest.state == unknownState {
		e.gauge(lastState, 1, unknownState.String())
	}
	e.created(lastCreated, g.newest)
	if g.passed != nil {
		e.created(lastPassedCreated, g.passed)
	}
	e.count(failingStreak, g.streak)
}

func (e *emitter) lastCompletedRun(g *group, v *view) {
	r := g.completed
	if r == nil {
		return
	}
	e.gauge(lastCompletedInfo, 1, strconv.FormatInt(r.id, 10), r.outcome.String(),
		v.code(r.code.Value()), r.build.Value(), r.commit)
	e.gauge(lastCompletedSuccess, truth(r.outcome == passedRun))
	e.gauge(lastCompletedTests, float64(r.tests.total))
	e.gauge(lastCompletedPassed, float64(r.tests.passed))
	e.gauge(lastCompletedFailed, float64(r.tests.failed))
	e.gauge(lastCompletedFlaky, float64(r.tests.flaky))
	e.gauge(lastCompletedSkipped, float64(r.tests.skipped))
	e.gauge(lastCompletedSnoozed, float64(r.tests.snoozed))
	if r.seconds >= 0 {
		e.gauge(lastCompletedSeconds, r.seconds)
	}
	e.created(lastCompletedCreated, r)
}

// account emits the counters of a group.
func (e *emitter) account(a account) {
	for o, n := range a.outcomes {
		e.counter(finishedRunsTotal, float64(n), a.created, outcome(o).String())
	}
	e.counter(testsTotal, float64(a.tests.total), a.created)
	e.counter(passedTestsTotal, float64(a.tests.passed), a.created)
	e.counter(failedTestsTotal, float64(a.tests.failed), a.created)
	e.counter(flakyTestsTotal, float64(a.tests.flaky), a.created)
	e.counter(skippedTestsTotal, float64(a.tests.skipped), a.created)
	for _, code := range documentedCodes {
		e.counter(runErrorsTotal, float64(a.errors[code]), a.created, code)
	}
	for code, other := range a.others {
		e.counter(runErrorsTotal, float64(other.count), other.created, code)
	}
	e.ch <- a.durations.metric(e.labels, a.created)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
