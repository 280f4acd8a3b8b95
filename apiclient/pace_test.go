package apiclient

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// interruptedClock lets something happen in the middle of the first sleep.
type interruptedClock struct {
	*fakeClock
	once   sync.Once
	during func()
}

func (c *interruptedClock) Sleep(ctx context.Context, d time.Duration) error {
	c.once.Do(c.during)
	return c.fakeClock.Sleep(ctx, d)
}

func TestRequestThatWaitedForTheRateSitsOutAPause(t *testing.T) {
	clock := &interruptedClock{fakeClock: newFakeClock()}
	var left []time.Time
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		left = append(left, clock.Now())
		_, _ = w.Write(body())
	})
	c := newTestClient(t, server.URL, WithClock(clock), WithConcurrency(1), WithMaxRate(1))
	var until time.Time
	clock.during = func() { until = c.pause(10 * time.Second) }
	for range 2 { // the second waits for the rate
		if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
			t.Fatal(err)
		}
	}
	if until.IsZero() || len(left) != 2 || left[1].Before(until) {
		t.Errorf("requests left at %v, want the second not before %v", left, until)
	}
}

func TestRetryAfterBeyondALongPatienceEndsAtOnce(t *testing.T) {
	clock := newFakeClock()
	requests := 0
	server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		requests = n
		w.Header().Set("Retry-After", clock.Now().Add(2*time.Hour).Format(http.TimeFormat))
		w.WriteHeader(503)
	})
	until := clock.now.Add(maxPause)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Minute)).Session(nil).Page(ctx, Query{})
	var limit *RateLimitError
	if !errors.As(err, &limit) || !limit.Until.Equal(until) {
		t.Errorf("%v, want a RateLimitError until %s", err, until)
	}
	if requests != 1 || len(clock.pauses) != 0 {
		t.Errorf("%d requests and %d pauses, want one request and no pause", requests, len(clock.pauses))
	}
}
