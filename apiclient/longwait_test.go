package apiclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waits keeps what a session with LongWaits says.
type waits struct {
	mu  sync.Mutex
	all []string
}

func (w *waits) note(wait Waiting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, fmt.Sprintf("%v until %s", wait.Err, wait.Until.Format(time.TimeOnly)))
}

// answers serves an API that asks to wait with each of these headers, one after the
// other, and then answers.
func answers(t *testing.T, requests *atomic.Int64, headers ...string) string {
	t.Helper()
	return serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		if n > len(headers) {
			_, _ = w.Write(body())
			return
		}
		w.Header().Set("Retry-After", headers[n-1])
		w.WriteHeader(429)
	}).URL
}

func TestLongWaits(t *testing.T) {
	const busy = "the API answered 429 Too Many Requests until "
	for name, test := range map[string]struct {
		headers []string
		took    time.Duration
		notes   []string
		until   string // of the error; empty where there is none
	}{
		"an hour":            {[]string{"3600"}, time.Hour, []string{busy + "13:00:00"}, ""},
		"date":               {[]string{"Mon, 23 Nov 2026 12:30:00 GMT"}, 30 * time.Minute, []string{busy + "12:30:00"}, ""},
		"short":              {[]string{"4"}, 4 * time.Second, nil, ""},
		"five seconds":       {[]string{"5"}, 5 * time.Second, []string{busy + "12:00:05"}, ""},
		"again":              {[]string{"1800", "1800"}, time.Hour, []string{busy + "12:30:00", busy + "13:00:00"}, ""},
		"too long":           {[]string{"3601"}, 0, nil, "2026-11-23T13:00:01Z"},
		"far too long":       {[]string{"86400"}, 0, nil, "2026-11-24T12:00:00Z"},
		"for ever":           {[]string{"99999999999999999999"}, 0, nil, "2319-"},
		"short, for ever":    {slices.Repeat([]string{"4"}, 1000), time.Hour, nil, "2026-11-23T13:00:04Z"},
		"too long, together": {[]string{"1800", "1801"}, 30 * time.Minute, []string{busy + "12:30:00"}, "2026-11-23T13:00:01Z"},
	} {
		t.Run(name, func(t *testing.T) {
			clock, w, requests := newFakeClock(), &waits{}, &atomic.Int64{}
			began := clock.now
			c := newTestClient(t, answers(t, requests, test.headers...), WithClock(clock))
			s := c.Session(nil, LongWaits(time.Hour, w.note), OnRetry(func(r Retrying) { t.Errorf("it is said that requests are sent again: %v", r.Err) }))
			_, err := s.Page(t.Context(), Query{})
			if limit, ok := errors.AsType[*RateLimitError](err); ok != (test.until != "") || ok && !strings.HasPrefix(limit.Until.Format(time.RFC3339), test.until) || !ok && err != nil {
				t.Errorf("%v, want a RateLimitError until %q", err, test.until)
			}
			if took := clock.now.Sub(began); took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
			if !slices.Equal(w.all, test.notes) {
				t.Errorf("noted %q, want %q", w.all, test.notes)
			}
		})
	}
}

// The longest wait begins anew after each success.
func TestLongWaits_SuccessRenewsTheTime(t *testing.T) {
	clock, requests := newFakeClock(), 0
	server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if requests = n; n%2 == 0 {
			_, _ = w.Write(body())
			return
		}
		w.Header().Set("Retry-After", "3000")
		w.WriteHeader(503)
	})
	s := newTestClient(t, server.URL, WithClock(clock)).Session(nil, LongWaits(time.Hour, (&waits{}).note))
	for range 3 {
		if _, err := s.Page(t.Context(), Query{}); err != nil {
			t.Fatal(err)
		}
	}
	if took := clock.now.Sub(newFakeClock().now); took != 9000*time.Second || requests != 6 {
		t.Errorf("%d requests in %s", requests, took)
	}
}

// What the API asks for is no time without a success: what fails otherwise is sent
// again for as long as ever.
func TestLongWaits_IsNoTimeOfRetries(t *testing.T) {
	clock := newFakeClock()
	server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n%2 == 0 {
			w.Header().Set("Retry-After", "300")
		}
		w.WriteHeader(500)
	})
	c := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second), WithBackoff(3*time.Second, 3*time.Second))
	_, err := c.Session(nil, LongWaits(24*time.Hour, (&waits{}).note)).Page(t.Context(), Query{})
	if status, ok := errors.AsType[*StatusError](err); !ok || status.RetryAfter != 0 {
		t.Errorf("ended with %v, want the 500 without a wait", err)
	}
	if took := clock.now.Sub(newFakeClock().now); took < 10*time.Minute || took > 2*time.Hour {
		t.Errorf("gave up after %s", took)
	}
}

// All requests of a client wait. Those that were in flight together have the longest
// wait, and one word is enough for them.
func TestLongWaits_SideBySide(t *testing.T) {
	clock, w, requests := &hangingClock{fakeClock: newFakeClock(), sleeping: make(chan struct{})}, &waits{}, &atomic.Int64{}
	clock.hangs.Store(true)
	var inFlight sync.WaitGroup
	inFlight.Add(4)
	others := make(chan struct{})
	server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		inFlight.Done()
		inFlight.Wait()
		if n > 1 {
			<-others
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	c := newTestClient(t, server.URL, WithClock(clock), WithConcurrency(4), WithMaxRate(0))
	s := c.Session(nil, LongWaits(time.Hour, w.note))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 12)
	for range 12 {
		go func() {
			_, err := s.Page(ctx, Query{})
			ended <- err
		}()
	}
	for i := range 12 {
		select {
		case <-clock.sleeping:
		case err := <-ended:
			t.Fatal(err)
		}
		if i == 0 { // the others get their answers a little later
			_ = clock.fakeClock.Sleep(t.Context(), time.Second)
			close(others)
		}
	}
	if len(w.all) != 1 || requests.Load() != 4 {
		t.Errorf("noted %q; %d requests, want 4", w.all, requests.Load())
	}
}

// A wait ends at once where the context ends.
func TestLongWaits_Interrupted(t *testing.T) {
	requests := &atomic.Int64{}
	ctx, stop := context.WithCancel(t.Context())
	s := newTestClient(t, answers(t, requests, "3000")).Session(nil, LongWaits(time.Hour, func(Waiting) { stop() }))
	if _, err := s.Page(ctx, Query{}); !errors.Is(err, context.Canceled) || requests.Load() != 1 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
}
