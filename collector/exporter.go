package collector

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

var (
	_ prometheus.Collector             = (*Exporter)(nil)
	_ prometheus.TransactionalGatherer = (*Exporter)(nil)
)

// Exporter exposes the runs of the projects of some API keys. As a
// prometheus.Collector it shows what was last read. Refresh reads what is new,
// and is to be called before a scrape collects.
type Exporter struct {
	config   Config
	now      func() time.Time
	logger   log.Logger
	observer *Observer                  // nil for none
	trackers atomic.Pointer[[]*tracker] // of the keys, in their order
	ready    atomic.Bool                // it was ready once
	reload   atomic.Pointer[Reload]     // nil without a configuration file

	exposition *exposition

	mu      sync.Mutex
	askedAt time.Time      // when a refresh was last asked for, at first the start
	closing sync.WaitGroup // trackers of keys that are gone
	closed  bool
}

// Option changes an Exporter from its defaults.
type Option func(*Exporter)

// WithLogger sets the logger. Default is none.
func WithLogger(logger log.Logger) Option { return func(e *Exporter) { e.logger = logger } }

// WithClock sets the clock that windows, intervals and staleness go by. Default
// is the machine's.
func WithClock(now func() time.Time) Option { return func(e *Exporter) { e.now = now } }

// New returns an Exporter for some keys, whose names differ. Of two keys of one
// project the one that stands first serves it. Close must be called at the end.
func New(keys []Key, config Config, options ...Option) *Exporter {
	e := &Exporter{config: config, now: time.Now, logger: log.NewNopLogger(), exposition: newExposition()}
	for _, option := range options {
		option(e)
	}
	clock := e.now
	// Without the monotonic reading, which stands still while a machine sleeps.
	e.now = func() time.Time { return clock().Round(0) }
	e.askedAt = e.now()
	all := make([]*tracker, len(keys))
	for i, key := range keys {
		all[i] = e.newTracker(key, e.askedAt)
	}
	e.trackers.Store(&all)
	return e
}

// newTracker returns the tracker of a key whose series count from start.
func (e *Exporter) newTracker(key Key, start time.Time) *tracker {
	t := &tracker{
		history: history.New(history.Config{Lookback: e.config.Lookback, Unit: e.config.DurationUnit}),
		name:    key.Name, all: e.all, config: e.config, now: e.now, logger: e.logger, observer: e.observer,
		metrics: newInstruments(start, e.now), folding: newFolding(&e.config), counters: newCounters(start, e.config.ZeroHold),
		tests: testcases.New(e.config.Tests, log.With(e.logger, "key", key.Name)),
	}
	t.life, t.stop = context.WithCancel(context.Background())
	t.setKey(key)
	return t
}

func (e *Exporter) all() []*tracker { return *e.trackers.Load() }

// Refresh asks for a refresh of every key for which one is due, all at once,
// and waits for them and for those already under way, until ctx ends. They go
// on after that, and a scrape to come finds them done.
func (e *Exporter) Refresh(ctx context.Context) {
	e.mu.Lock()
	e.askedAt = e.now()
	e.mu.Unlock()
	var all sync.WaitGroup
	for _, t := range e.all() {
		done := t.ask()
		all.Go(func() {
			select {
			case <-done:
			case <-ctx.Done():
			}
		})
	}
	all.Wait()
}

// Close ends refreshes that are under way and waits until they have.
func (e *Exporter) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	for _, t := range e.all() {
		e.closing.Go(t.close)
	}
	e.closing.Wait()
}

// Describe implements prometheus.Collector. It leaves the label team out, which
// some projects have and others have not: a metric can be described only once. A
// pedantic registry refuses that label therefore.
func (e *Exporter) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range allMetrics {
		ch <- m.desc
	}
}

// Collect implements prometheus.Collector. It shows what was last read and
// never waits for the API.
func (e *Exporter) Collect(ch chan<- prometheus.Metric) {
	e.show(output{ch: ch})
}

// Gather implements prometheus.TransactionalGatherer. It shows what Collect shows,
// and costs far less than a registry that collects: what is shown is kept between
// scrapes. The families are valid until done is called, and another Gather waits
// for that: so encode them first, and send the result after. The error is nil.
func (e *Exporter) Gather() (families []*dto.MetricFamily, done func(), err error) {
	families, done = e.gather(output{kept: e.exposition})
	return families, done, nil
}

func (e *Exporter) gather(to output) (families []*dto.MetricFamily, done func()) {
	to.kept.mu.Lock()
	to.kept.begin()
	e.show(to)
	return to.kept.end(), to.kept.mu.Unlock
}

// show brings all trackers up to a scrape, and sends what it shows to an output.
func (e *Exporter) show(to output) {
	now, all := e.now(), e.all()
	owners := owners{}
	for _, t := range all {
		t.show(now, owners, to)
	}
	for _, t := range all {
		t.yieldCounters(owners)
	}
	reload := e.reload.Load()
	if to.ch != nil && reload != nil {
		reload.emit(&emitter{ch: to.ch})
	}
	if to.kept != nil {
		to.kept.own.begin()
		if reload != nil {
			reload.emit(&emitter{part: to.kept.own})
		}
		to.kept.own.end()
	}
}

// Status returns how each key is doing, in the order of the keys.
func (e *Exporter) Status() []Status {
	owners, now := owners{}, e.now()
	var all []Status
	for _, t := range e.all() {
		all = append(all, t.status(now, owners))
	}
	return all
}

// Ready reports whether the first refresh of each key has ended, well or badly.
// Once it has, it stays so: a key that appears later takes nothing out of service.
func (e *Exporter) Ready() bool {
	if e.ready.Load() {
		return true
	}
	for _, t := range e.all() {
		t.mu.Lock()
		ended := t.last.ended
		t.mu.Unlock()
		if !ended {
			return false
		}
	}
	e.ready.Store(true)
	return true
}
