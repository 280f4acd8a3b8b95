package collector

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/sync/singleflight"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// tracker keeps the history and the counters of one key up to date: one refresh
// at a time, and now and then a resync beside them.
type tracker struct {
	name    string              // of the key
	key     atomic.Pointer[Key] // as it is now
	all     func() []*tracker   // of all keys, in their order
	config  Config
	now     func() time.Time
	logger  log.Logger
	metrics *instruments
	history *history.History
	tests   *testcases.Reader
	// observer is nil where nobody looks at requests and pages.
	observer *Observer

	// life bounds refreshes, which outlive the scrapes that begin them.
	life   context.Context //nolint:containedctx // it is the tracker's own, not a caller's
	stop   context.CancelFunc
	flight singleflight.Group

	// Locks, in the order in which they are taken: refreshing, showing, then
	// the history's own. No other is taken while mu is held but the history's and
	// that of the tests.

	// refreshing keeps a resync from being applied while a refresh compares
	// pages with what is held.
	refreshing sync.Mutex
	// showing keeps history and counters together: what the history has seen to
	// finish is in the counters before a scrape looks at either.
	showing  sync.Mutex
	folding  *folding  // guarded by showing
	counters *counters // guarded by showing
	yielded  bool      // another key has shown the project since; guarded by showing

	mu        sync.Mutex
	last      result
	began     time.Time // when the last refresh began
	underWay  bool      // a refresh is
	resynced  time.Time // when the last resync began, which may still be under way
	resyncing bool
	closed    bool
	work      sync.WaitGroup // refreshes, resyncs and readings of tests under way
}

// result is how the last refresh ended.
type result struct {
	ended   bool // at least one refresh has
	err     error
	took    time.Duration
	refused *history.Refusals
}

// ask asks for a refresh where one is due. The channel gets a value, or is
// closed, when that refresh has ended, or the one that was under way already.
func (t *tracker) ask() <-chan singleflight.Result {
	return t.flight.DoChan("", func() (any, error) {
		if t.begin() {
			defer t.work.Done()
			t.refresh(t.life)
			t.maybeResync(t.life)
			t.maybeReadTests(t.life)
		}
		return nil, nil
	})
}

// begin reports whether a refresh is due, and notes that it begins.
func (t *tracker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.closed || !due(t.began, now, t.config.MinInterval) {
		return false
	}
	t.began, t.underWay = now, true
	t.work.Add(1)
	return true
}

// due reports whether an interval has passed since then. A clock that was set
// back must not put it off.
func due(then, now time.Time, interval time.Duration) bool {
	return then.IsZero() || now.Before(then) || now.Sub(then) >= interval
}

func (t *tracker) refresh(ctx context.Context) {
	t.refreshing.Lock()
	defer t.refreshing.Unlock()
	began := time.Now()
	source := t.source(t.now(), apiclient.OnRetry(t.logRetrying))
	batch, err := t.history.Refresh(ctx, source)
	if ctx.Err() != nil {
		_ = level.Debug(t.logger).Log("msg", "refresh ended, because the exporter stops or the key is gone", "key", t.name)
		return
	}
	if err == nil {
		t.apply(batch)
		err = t.checkFresh(source.Now)
	}
	t.end(result{ended: true, err: err, took: time.Since(began), refused: source.Refused})
}

func (t *tracker) source(now time.Time, options ...apiclient.SessionOption) history.Source {
	return history.Source{
		Session:      t.session(options...),
		Now:          now,
		CheckProject: t.checkProject,
		Refused:      &history.Refusals{},
	}
}

// checkProject refuses a project that an earlier key shows.
func (t *tracker) checkProject(slug string) error {
	now := t.now()
	for _, earlier := range t.earlier() {
		if held := earlier.history.Info(); sameSeries(held.Project.Slug, slug) && t.fresh(held.ReadAt, now) {
			return &duplicateError{project: slug, key: earlier.name}
		}
	}
	return nil
}

// apply hands a batch to the history, and to the counters what has finished.
func (t *tracker) apply(batch *history.Batch) {
	t.showing.Lock()
	defer t.showing.Unlock()
	before := t.history.Info()
	finished := t.history.Apply(batch)
	after := t.history.Info()
	t.counters.add(after.Project, finished)
	if !before.ReadAt.IsZero() && before.Format.Unit != after.Format.Unit {
		_ = level.Warn(t.logger).Log("msg", "durations are now taken for "+after.Format.Unit.String()+", the earlier ones too; "+
			"set --api.duration-unit if that is wrong", "key", t.name, "project", after.Project.Slug, "before", before.Format.Unit)
	}
}

// end counts and logs how a refresh ended.
func (t *tracker) end(r result) {
	project := t.history.Info().Project.Slug
	t.mu.Lock()
	if r.err == nil { // an earlier key may have read the project meanwhile
		r.err = t.checkProject(project)
	}
	before := t.last
	t.last, t.underWay = r, false
	if r.err != nil {
		t.last.refused = before.refused // what it refused has not been logged
	}
	t.mu.Unlock()
	t.metrics.countRefresh()
	t.metrics.countRefused(r.refused)
	if r.err != nil {
		t.logFailure(r.err)
		return
	}
	t.logRefused(r.refused, before.refused)
	t.logSuccess(r, before)
	for _, later := range t.later() {
		later.yield(project)
	}
}

// yield turns a refresh that worked into a failed one, because an earlier key has
// now read the same project. A refresh under way finds that out when it ends.
func (t *tracker) yield(project string) {
	t.mu.Lock()
	var duplicate error
	if t.last.ended && t.last.err == nil && !t.underWay && sameSeries(t.history.Info().Project.Slug, project) {
		duplicate = t.checkProject(project)
		t.last.err = duplicate
	}
	t.mu.Unlock()
	if duplicate != nil {
		t.logFailure(duplicate)
	}
}

// logSuccess logs the first good refresh and one after a failed one at info, the
// others at debug.
func (t *tracker) logSuccess(r, before result) {
	if before.ended && before.err == nil {
		_ = level.Debug(t.logger).Log("msg", "refreshed", "key", t.name, "duration", r.took)
		return
	}
	info := t.history.Info()
	_ = level.Info(t.logger).Log("msg", "runs are up to date", "key", t.name, "project", info.Project.Slug,
		"runs", t.history.Count(t.now()), "duration", r.took)
}

// logFailure counts and logs a refresh that failed.
func (t *tracker) logFailure(err error) {
	reason := reasonOf(err)
	t.metrics.countFailure(reason)
	_ = level.Error(t.logger).Log("msg", "refresh failed; the run metrics of this key are not updated until one works",
		"key", t.name, "reason", reason, "err", err, "advice", adviceOn(err))
}

// logRefused logs refused items where the refresh before did not have them all.
func (t *tracker) logRefused(refused, before *history.Refusals) {
	if before == nil {
		before = &history.Refusals{}
	}
	if example, ok := refused.NotIn(before); ok {
		_ = level.Warn(t.logger).Log("msg", "runs left out because they cannot be trusted", "key", t.name,
			"runs", len(refused.All()), "for_example_id", example.ID, "reason", example.Reason, "detail", example.Detail)
	}
}

// maybeResync begins a resync where one is due and the last refresh worked.
func (t *tracker) maybeResync(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.closed || t.resyncing || t.last.err != nil ||
		!due(t.history.Info().FullReadAt, now, t.config.ResyncInterval) || !due(t.resynced, now, t.config.ResyncInterval) {
		return
	}
	t.resyncing, t.resynced = true, now
	t.work.Go(func() { t.resync(ctx, now) })
}

// maybeReadTests begins to read the tests where that is due and the last refresh
// worked: only then is it known whose tests they are, and that this key shows them.
func (t *tracker) maybeReadTests(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.last.err != nil || !t.tests.Begin(t.now(), t.history.Info().Project.Slug) {
		return
	}
	session := t.key.Load().Client.Session(t.metrics.observe, apiclient.Background())
	t.work.Go(func() { t.tests.Read(ctx, session) })
}

func (t *tracker) resync(ctx context.Context, now time.Time) {
	source := t.source(now, apiclient.Background())
	batch, err := t.history.Resync(ctx, source)
	t.endResync(batch, err, now)
	t.metrics.countRefused(source.Refused)
	if err != nil && ctx.Err() == nil {
		_ = level.Warn(t.logger).Log("msg", "resync failed; late changes such as snoozes and deletions are not seen before the next",
			"key", t.name, "reason", reasonOf(err), "err", err, "advice", adviceOn(err))
	}
}

func (t *tracker) endResync(batch *history.Batch, err error, now time.Time) {
	t.refreshing.Lock()
	if err == nil {
		t.apply(batch)
	} else {
		t.history.Prune(now)
	}
	t.refreshing.Unlock()
	t.mu.Lock()
	t.resyncing = false
	t.mu.Unlock()
}

// earlier returns the trackers of the keys that stand before this one.
func (t *tracker) earlier() []*tracker {
	all := t.all()
	return all[:max(0, slices.Index(all, t))]
}

// later returns the trackers of the keys that stand behind this one.
func (t *tracker) later() []*tracker {
	all := t.all()
	if i := slices.Index(all, t); i >= 0 {
		return all[i+1:]
	}
	return nil // this key is gone
}

// close ends refreshes that are under way, keeps others from beginning, and waits
// until they have ended.
func (t *tracker) close() {
	t.stop()
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.work.Wait()
	t.key.Load().Client.CloseIdle()
}
