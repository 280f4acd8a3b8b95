package collector

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// noAnswer is the label value code of a request that got no answer.
const noAnswer = "error"

// instruments count what the exporter itself does for one key. They are no
// vectors of the library: a key's label team may change while it counts on.
type instruments struct {
	start time.Time
	now   func() time.Time

	mu        sync.Mutex
	refreshes int
	failures  countsBy // reason
	requests  countsBy // code
	refused   countsBy // reason

	requestDuration copiedHistogram
}

// countsBy are counters by the value of a label, in the order of the values.
type countsBy []*count

// count is one counter.
type count struct {
	value   string
	n       int
	created time.Time
}

// of returns the counter of a value. One that was not there counts from created.
func (c *countsBy) of(value string, created time.Time) *count {
	at, found := slices.BinarySearchFunc(*c, value, func(by *count, value string) int { return strings.Compare(by.value, value) })
	if !found {
		*c = slices.Insert(*c, at, &count{value: value, created: created})
	}
	return (*c)[at]
}

// newInstruments returns instruments with all series that are known in advance,
// at 0 since start.
func newInstruments(start time.Time, now func() time.Time) *instruments {
	in := &instruments{
		start: start, now: now,
		requestDuration: copiedHistogram{histogram: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: requestDuration.Name, Help: requestDuration.Help,
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		})},
	}
	for _, code := range []string{"200", noAnswer} {
		in.requests.of(code, start)
	}
	for _, reason := range reasons {
		in.failures.of(string(reason), start)
	}
	for _, reason := range apiclient.RefusalReasons() {
		in.refused.of(string(reason), start)
	}
	return in
}

// observe counts a request.
func (in *instruments) observe(a apiclient.Attempt) {
	code := noAnswer
	if a.Status != 0 {
		code = strconv.Itoa(a.Status)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.requests.of(code, in.now()).n++
	in.requestDuration.observe(a.Duration.Seconds(), nil)
}

func (in *instruments) countRefresh() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.refreshes++
}

func (in *instruments) countFailure(why reason) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.failures.of(string(why), in.start).n++
}

func (in *instruments) countRefused(refused *history.Refusals) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, refusal := range refused.All() {
		in.refused.of(string(refusal.Reason), in.start).n++
	}
}

// emit emits all of it, with the labels of the key.
func (in *instruments) emit(e *emitter) {
	in.mu.Lock()
	defer in.mu.Unlock()
	e.counter(refreshesTotal, float64(in.refreshes), in.start)
	in.failures.emit(e, failuresTotal)
	in.requests.emit(e, requestsTotal)
	in.refused.emit(e, refusedRunsTotal)
	e.histogram(requestDuration, in.requestDuration.copy(in.start))
}

func (c countsBy) emit(e *emitter, m *Metric) {
	for _, by := range c {
		e.counter(m, float64(by.n), by.created, by.value)
	}
}
