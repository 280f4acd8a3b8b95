package apiclient

import (
	"context"
	"net/http"
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
	clock.during = func() { until = c.pauseRequests(10 * time.Second) }
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
