package apiclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

func TestRetry_TemporaryStatus(t *testing.T) {
	for _, code := range []int{429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530} {
		clock := newFakeClock()
		var attempts []int
		var sent []time.Time
		server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			sent = append(sent, clock.Now())
			if n <= 3 {
				w.WriteHeader(code)
				return
			}
			_, _ = w.Write(body())
		})
		c := newTestClient(t, server.URL, WithClock(clock), WithMaxRate(0))
		_, err := c.Session(func(a Attempt) { attempts = append(attempts, a.Status) }).Page(t.Context(), Query{})
		if want := fmt.Sprint([]int{code, code, code, 200}); err != nil || fmt.Sprint(attempts) != want {
			t.Errorf("%d: %v with attempts %v, want %s", code, err, attempts, want)
		}
		for i := range sent[1:] {
			if pause, middle := sent[i+1].Sub(sent[i]), 500*time.Millisecond<<i; pause < middle/2 || pause > middle*3/2 {
				t.Errorf("%d: pause %d is %s, want about %s", code, i, pause, middle)
			}
		}
	}
}

func TestRetry_PermanentStatus(t *testing.T) {
	for _, code := range []int{400, 401, 402, 403, 404, 418, 501, 519, 528, 529} {
		server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
			if n > 1 {
				t.Errorf("%d: request %d", code, n)
			}
			w.WriteHeader(code)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"no\n good: %s"}}`, r.Header.Get("Authorization"))
		})
		_, err := newTestClient(t, server.URL).Session(nil).Page(t.Context(), Query{})
		if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != code || status.Message != "no good: Bearer [key]" {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestRetry_GivesUp(t *testing.T) {
	clock := newFakeClock()
	began := clock.now
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	c := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second), WithMaxRate(0))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != 500 {
		t.Errorf("ended with %v, want the error of the last attempt", err)
	}
	if took := clock.now.Sub(began); took > 20*time.Second || took < 5*time.Second {
		t.Errorf("gave up after %s, want at most twice 10s", took)
	}
}

func TestRetry_AttemptCutShort(t *testing.T) {
	server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n > 1 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(503)
	})
	// Two milliseconds are left for the second attempt.
	c := newTestClient(t, server.URL, WithClock(newFakeClock()), WithTimeout(1001*time.Millisecond))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != 503 {
		t.Errorf("ended with %v, want the 503 before it", err)
	}
}

func TestRetry_SuccessRenewsTheTime(t *testing.T) {
	clock := newFakeClock()
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		_ = clock.Sleep(t.Context(), 19*time.Second)
		_, _ = w.Write(body())
	})
	s := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second)).Session(nil)
	s.try(true) // so does another request of the session
	_ = clock.Sleep(t.Context(), time.Second)
	if left := s.timeLeft(); left != 19*time.Second {
		t.Errorf("%s left after 1s without a success, want 19s", left)
	}
	if _, err := s.Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	if left := s.timeLeft(); left != 20*time.Second {
		t.Errorf("%s left after a success, want 20s", left)
	}
}

// A turn comes only every 100 s, five times as late as the session gives up.
func TestRetry_TurnsLaterThanTheTimeToGiveUp(t *testing.T) {
	clock := newFakeClock()
	server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 3 {
			w.WriteHeader(500)
			return
		}
		_, _ = w.Write(body())
	})
	c := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second), WithConcurrency(1), WithMaxRate(0.01))
	began := clock.Now()
	if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
		t.Errorf("three failures in a row: %v", err)
	}
	if took := clock.Now().Sub(began); took < 299*time.Second {
		t.Errorf("four requests at one in 100 s took %s", took)
	}
}

func TestRetryAfter_IsWaitedFor(t *testing.T) {
	for name, header := range map[string]func(time.Time) string{
		"seconds": func(time.Time) string { return "7" },
		"date":    func(now time.Time) string { return now.Add(7 * time.Second).Format(http.TimeFormat) },
	} {
		clock := newFakeClock()
		server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", header(clock.Now()))
				w.WriteHeader(429)
				return
			}
			_, _ = w.Write(body())
		})
		began := clock.now
		_, err := newTestClient(t, server.URL, WithClock(clock)).Session(nil).Page(t.Context(), Query{})
		if took := clock.now.Sub(began); err != nil || took != 7*time.Second {
			t.Errorf("%s: %v after %s, want success after 7s", name, err, took)
		}
	}
}

func TestRetryAfter_TooLong(t *testing.T) {
	for wait, want := range map[string]time.Duration{"120": 2 * time.Minute, "86400": 10 * time.Minute, "99999999999999999999": 10 * time.Minute} {
		clock := newFakeClock()
		var requests atomic.Int64
		server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			if n == 1 {
				w.Header().Set("Retry-After", wait)
				w.WriteHeader(503)
				return
			}
			_, _ = w.Write(body())
		})
		c := newTestClient(t, server.URL, WithClock(clock))
		until := clock.now.Add(want)
		for range 2 { // the second session sends no request
			_, err := c.Session(nil).Page(t.Context(), Query{})
			if limit, ok := errors.AsType[*RateLimitError](err); !ok || !limit.Until.Equal(until) {
				t.Errorf("Retry-After %s: %v, want a RateLimitError until %s", wait, err, until)
			}
		}
		if n := requests.Load(); n != 1 || len(clock.pauses) != 0 {
			t.Errorf("Retry-After %s: %d requests, pauses %v", wait, n, clock.pauses)
		}
		_ = clock.Sleep(t.Context(), want)
		if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	}
}

func TestRetryAfter_TooLongForALongTimeout(t *testing.T) {
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
	if limit, ok := errors.AsType[*RateLimitError](err); !ok || !limit.Until.Equal(until) {
		t.Errorf("%v, want a RateLimitError until %s", err, until)
	}
	if requests != 1 || len(clock.pauses) != 0 {
		t.Errorf("%d requests and %d pauses, want one request and no pause", requests, len(clock.pauses))
	}
}
