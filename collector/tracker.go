package collector

import (
	"context"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/sync/singleflight"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// tracker keeps the history of one key up to date: one refresh at a time, and
// now and then a resync beside them.
type tracker struct {
	key     Key
	earlier []*tracker // of the keys that stand before this one on the command line
	config  Config
	now     func() time.Time
	logger  log.Logger
	metrics *instruments
	history *history

	flight singleflight.Group
	// swapping keeps a resync from swapping in what it read while a refresh
	// compares pages with what is held.
	swapping sync.Mutex

	mu      sync.Mutex
	last    result
	began   time.Time // of the last refresh
	resync  time.Time // when the last resync began, which may still be under way
	busy    bool      // a resync is under way
	closed  bool
	working sync.WaitGroup
}

// result is how the last refresh ended.
type result struct {
	ended   bool // at least one refresh has
	err     error
	took    time.Duration
	refused *refusals
}

// ask asks for a refresh where one is due, and returns what is closed or sent
// to when it, or the one that was under way already, has ended.
func (t *tracker) ask(ctx context.Context) <-chan singleflight.Result {
	return t.flight.DoChan("", func() (any, error) {
		if t.begin() {
			defer t.working.Done()
			t.refresh(ctx)
			t.maybeResync(ctx)
		}
		return nil, nil
	})
}

// begin tells whether a refresh is due, and notes that it begins.
func (t *tracker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.closed || !due(t.began, now, t.config.MinInterval) {
		return false
	}
	t.began = now
	t.working.Add(1)
	return true
}

// due tells whether an interval has passed since then. A clock that was set
// back must not put it off.
func due(then, now time.Time, interval time.Duration) bool {
	return then.IsZero() || now.Before(then) || now.Sub(then) >= interval
}

func (t *tracker) refresh(ctx context.Context) {
	t.swapping.Lock()
	defer t.swapping.Unlock()
	began := time.Now()
	f := t.newRefresh(sideBySide)
	err := f.run(ctx)
	if ctx.Err() != nil {
		_ = level.Debug(t.logger).Log("msg", "refresh ended by shutdown", "key", t.key.Name)
		return
	}
	t.end(result{ended: true, err: err, took: time.Since(began), refused: f.refused})
}

func (t *tracker) newRefresh(whole func(*apiclient.Session) wholeFunc) *refresh {
	session := t.key.Client.Session(t.metrics.observe(t.key.Name))
	return &refresh{
		history: t.history,
		session: session,
		whole:   whole(session),
		query:   apiclient.Query{IntervalInDays: t.config.days()},
		now:     t.now(),
		check:   t.checkProject,
		refused: newRefusals(),
	}
}

// end counts and tells how a refresh ended.
func (t *tracker) end(r result) {
	t.mu.Lock()
	before := t.last
	t.last = r
	t.mu.Unlock()
	t.metrics.refreshes.WithLabelValues(t.key.Name).Inc()
	t.tellRefused(r.refused, before.refused)
	if r.err != nil {
		t.tellFailure(r.err)
		return
	}
	t.tellSuccess(r, before)
}

// tellSuccess logs the first good refresh, and that after a failed one; the
// others only for who debugs.
func (t *tracker) tellSuccess(r, before result) {
	if before.ended && before.err == nil {
		_ = level.Debug(t.logger).Log("msg", "refreshed", "key", t.key.Name, "duration", r.took)
		return
	}
	project, _ := t.history.standing()
	runs, _ := t.history.size(t.now())
	_ = level.Info(t.logger).Log("msg", "runs are up to date", "key", t.key.Name, "project", project.Slug,
		"runs", runs, "duration", r.took)
}

func (t *tracker) tellFailure(err error) {
	reason := reasonOf(err)
	t.metrics.failures.WithLabelValues(t.key.Name, string(reason)).Inc()
	_ = level.Error(t.logger).Log("msg", "refresh failed; the run metrics of this key are not updated until one works",
		"key", t.key.Name, "reason", reason, "err", err, "advice", reason.advice())
}

// tellRefused counts refused items, and logs when there are new ones.
func (t *tracker) tellRefused(refused, before *refusals) {
	t.metrics.countRefused(t.key.Name, refused)
	if before == nil {
		before = newRefusals()
	}
	if example, ok := refused.unknownTo(before); ok {
		_ = level.Warn(t.logger).Log("msg", "runs left out because they cannot be trusted", "key", t.key.Name,
			"runs", len(refused.seen), "for_example_id", example.ID, "reason", example.Reason, "detail", example.Detail)
	}
}

// maybeResync begins a resync where one is due and the last refresh worked.
func (t *tracker) maybeResync(ctx context.Context) {
	whole := t.history.lastWhole()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.closed || t.busy || t.last.err != nil ||
		!due(whole, now, t.config.ResyncInterval) || !due(t.resync, now, t.config.ResyncInterval) {
		return
	}
	t.busy, t.resync = true, now
	t.working.Go(func() { t.resyncOnce(ctx) })
}

func (t *tracker) resyncOnce(ctx context.Context) {
	f := t.newRefresh(pageByPage)
	err := f.resync(ctx, func(swap func()) {
		t.swapping.Lock()
		defer t.swapping.Unlock()
		swap()
	})
	t.mu.Lock()
	t.busy = false
	t.mu.Unlock()
	t.metrics.countRefused(t.key.Name, f.refused)
	if err != nil && ctx.Err() == nil {
		_ = level.Warn(t.logger).Log("msg", "resync failed; late changes such as snoozes and deletions are not seen before the next",
			"key", t.key.Name, "reason", reasonOf(err), "err", err)
	}
}

// close keeps further refreshes from beginning and waits for what is under way,
// whose context the caller has ended.
func (t *tracker) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.working.Wait()
	t.key.Client.CloseIdle()
}
