package collector

import (
	"strconv"
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

	requestDuration prometheus.Histogram
}

// countsBy are counters by the value of a label.
type countsBy map[string]*count

// count is one counter.
type count struct {
	n       int
	created time.Time
}

// newInstruments returns instruments with all series that are known in advance,
// at 0 since start.
func newInstruments(start time.Time, now func() time.Time) *instruments {
	in := &instruments{
		start: start, now: now, failures: countsBy{}, requests: countsBy{}, refused: countsBy{},
		requestDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: requestDuration.Name, Help: requestDuration.Help,
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	for _, code := range []string{"200", noAnswer} {
		in.requests[code] = &count{created: start}
	}
	for _, reason := range reasons {
		in.failures[string(reason)] = &count{created: start}
	}
	for _, reason := range apiclient.RefusalReasons() {
		in.refused[string(reason)] = &count{created: start}
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
	if in.requests[code] == nil {
		in.requests[code] = &count{created: in.now()}
	}
	in.requests[code].n++
	in.requestDuration.Observe(a.Duration.Seconds())
}

func (in *instruments) countRefresh() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.refreshes++
}

func (in *instruments) countFailure(why reason) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.failures[string(why)].n++
}

func (in *instruments) countRefused(refused *history.Refusals) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, refusal := range refused.All() {
		in.refused[string(refusal.Reason)].n++
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
	e.histogram(requestDuration, copyHistogram(in.requestDuration, in.start))
}

func (c countsBy) emit(e *emitter, m *Metric) {
	for value, count := range c {
		e.counter(m, float64(count.n), count.created, value)
	}
}
