package apiclient

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// interruptedClock calls during in the middle of the first sleep.
type interruptedClock struct {
	*fakeClock
	once   sync.Once
	during func()
}

func (c *interruptedClock) Sleep(ctx context.Context, d time.Duration) error {
	c.once.Do(c.during)
	return c.fakeClock.Sleep(ctx, d)
}

func TestLimit_ConcurrencyAndRate(t *testing.T) {
	var now, most atomic.Int64
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		_, _ = w.Write(body())
	})
	clock := newFakeClock()
	began := clock.now
	c := newTestClient(t, server.URL, WithClock(clock), WithConcurrency(3), WithMaxRate(10))
	var all sync.WaitGroup
	for range 33 {
		all.Go(func() {
			if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > 3 {
		t.Errorf("%d requests in flight, want at most 3", n)
	}
	if took := clock.Now().Sub(began); took < 2900*time.Millisecond {
		t.Errorf("33 requests at 10 a second with a burst of 3 took %s, want 3s", took)
	}
}

func TestLimit_PauseDuringTheWaitForTheRate(t *testing.T) {
	clock := &interruptedClock{fakeClock: newFakeClock()}
	var left []time.Time
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		left = append(left, clock.Now())
		_, _ = w.Write(body())
	})
	c := newTestClient(t, server.URL, WithClock(clock), WithConcurrency(1), WithMaxRate(1))
	var until time.Time
	clock.during = func() { until = c.pauseRequests(runsPath, 10*time.Second) }
	for range 2 { // the second waits for the rate
		if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
			t.Fatal(err)
		}
	}
	if until.IsZero() || len(left) != 2 || left[1].Before(until) {
		t.Errorf("requests left at %v, want the second not before %v", left, until)
	}
}

// hangingClock sleeps until the context ends, while it hangs.
type hangingClock struct {
	*fakeClock
	hangs    atomic.Bool
	sleeping chan struct{}
}

func (c *hangingClock) Sleep(ctx context.Context, d time.Duration) error {
	if !c.hangs.Load() {
		return c.fakeClock.Sleep(ctx, d)
	}
	c.sleeping <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// Requests that are given up while they wait for the rate cost nothing of it.
func TestLimit_GivenUpRequestsCostNoRate(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body()) })
	clock := &hangingClock{fakeClock: newFakeClock(), sleeping: make(chan struct{}, 8)}
	c := newTestClient(t, server.URL, WithClock(clock), WithConcurrency(8), WithMaxRate(1))
	if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	clock.hangs.Store(true)
	ctx, giveUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { _, _ = c.Session(nil).Page(ctx, Query{}) })
	}
	<-clock.sleeping
	giveUp()
	all.Wait()
	clock.hangs.Store(false)
	began := clock.Now()
	if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	if waited := clock.Now().Sub(began); waited > time.Second {
		t.Errorf("the next request waits %s, want no more than its own second", waited)
	}
}

// A pause for the analytics is none for the runs, but one for the runs is for all.
func TestLimit_PauseOfAnalytics(t *testing.T) {
	var requests []string
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.URL.RequestURI())
		if r.URL.Path != "/api/test-runs" || r.URL.Query().Get("state") == "ended" {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(429)
			return
		}
		_, _ = w.Write(body())
	})
	session := newTestClient(t, server.URL, WithClock(newFakeClock())).Session(nil)
	page := func(q Query) error { _, err := session.Page(t.Context(), q); return err }
	tests := func() error { _, err := session.TestCases(t.Context(), TestCaseQuery{}); return err }
	days := func() error { _, err := session.DailyRuns(t.Context(), DailyRunsQuery{}); return err }
	for i, step := range []struct {
		err  error
		held bool
	}{
		{tests(), true},
		{tests(), true}, // without a request
		{page(Query{}), false},
		{page(Query{State: Ended}), true},
		{page(Query{}), true}, // without a request
		{days(), true},        // without a request
	} {
		if isA[*RateLimitError](step.err) != step.held || !step.held && step.err != nil {
			t.Errorf("step %d: %v, want held back: %t", i, step.err, step.held)
		}
	}
	want := []string{"/api/v2/analytics/test-cases", "/api/test-runs", "/api/test-runs?state=ended"}
	if !slices.Equal(requests, want) {
		t.Errorf("requests %q, want %q", requests, want)
	}
}
