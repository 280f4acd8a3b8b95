package collector

import (
	"context"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

var _ prometheus.Collector = (*Exporter)(nil)

// Exporter exposes the runs of the projects of some API keys. As a
// prometheus.Collector it shows what was last read. Refresh reads what is new,
// and is to be called before a scrape collects.
type Exporter struct {
	config   Config
	now      func() time.Time
	logger   log.Logger
	trackers []*tracker
	metrics  *instruments

	// life bounds refreshes, which outlive the scrapes that begin them.
	life context.Context //nolint:containedctx // it is the Exporter's own, not a caller's
	end  context.CancelFunc
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
	e := &Exporter{config: config, now: time.Now, logger: log.NewNopLogger(), metrics: newInstruments()}
	for _, option := range options {
		option(e)
	}
	clock := e.now
	// Without the monotonic reading, which stands still while a machine sleeps.
	e.now = func() time.Time { return clock().Round(0) }
	e.life, e.end = context.WithCancel(context.Background())
	start := e.now()
	for _, key := range keys {
		e.metrics.initSeries(key.Name)
		e.trackers = append(e.trackers, &tracker{
			history: history.New(history.Config{Lookback: config.Lookback, Unit: config.DurationUnit}),
			key:     key, earlier: e.trackers, config: config, now: e.now, logger: e.logger,
			metrics: e.metrics, counters: newCounters(start, config.ZeroHold),
		})
	}
	for i, t := range e.trackers {
		t.later = e.trackers[i+1:]
	}
	return e
}

// Refresh asks for a refresh of every key for which one is due, all at once,
// and waits for them and for those already under way, until ctx ends. They go
// on after that, and a scrape to come finds them done.
func (e *Exporter) Refresh(ctx context.Context) {
	var all sync.WaitGroup
	for _, t := range e.trackers {
		done := t.ask(e.life)
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
	e.end()
	for _, t := range e.trackers {
		t.close()
	}
}

// Describe implements prometheus.Collector.
func (e *Exporter) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range allMetrics {
		ch <- m.desc
	}
}

// Collect implements prometheus.Collector. It shows what was last read and
// never waits for the API.
func (e *Exporter) Collect(ch chan<- prometheus.Metric) {
	now := e.now()
	owners := owners{}
	for _, t := range e.trackers {
		t.snapshot(now, owners).emit(ch, e.config.Windows)
	}
	for _, t := range e.trackers {
		t.yieldCounters(owners)
	}
	e.metrics.collect(ch)
}

// Status returns how each key is doing, in the order of the command line.
func (e *Exporter) Status() []Status {
	all, owners, now := make([]Status, len(e.trackers)), owners{}, e.now()
	for i, t := range e.trackers {
		all[i] = t.status(now, owners)
	}
	return all
}

// Ready reports whether the first refresh of each key has ended, well or badly.
func (e *Exporter) Ready() bool {
	for _, t := range e.trackers {
		t.mu.Lock()
		ended := t.last.ended
		t.mu.Unlock()
		if !ended {
			return false
		}
	}
	return true
}
