package apiclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeClock stands still but for Sleep, which moves it on at once.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	pauses []time.Duration
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.pauses = append(c.pauses, d)
	return ctx.Err()
}

// serve starts an API that answers the n-th request, from 1, with answer.
func serve(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *httptest.Server {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(n.Add(1)), w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func newTestClient(t *testing.T, url string, options ...Option) *Client {
	t.Helper()
	c, err := New(url, KeyText("the-key", "the test"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func TestRequestIsAsDocumented(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/base/api/test-runs" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		const want = "branch=main&environment_ids=1%2C2&id=3&interval_in_days=9&page=2&per_page=50&result=failed&state=ended"
		if r.URL.RawQuery != want {
			t.Errorf("query %s, want %s", r.URL.RawQuery, want)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer the-key" {
			t.Errorf("Authorization %q", got)
		}
		if got := r.Header.Get("User-Agent"); got != "the-exporter/1" {
			t.Errorf("User-Agent %q", got)
		}
		_, _ = w.Write(body())
	})
	c := newTestClient(t, server.URL+"/base/", WithUserAgent("the-exporter/1"))
	_, err := c.Session(nil).Page(t.Context(), Query{
		ID: 3, PerPage: 50, Page: 2, Branch: "main", IntervalInDays: 9, State: Ended, Result: Failed, EnvironmentIDs: []int64{1, 2},
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhatCanPassIsRetried(t *testing.T) {
	for _, code := range []int{429, 500, 502, 503, 504} {
		clock := newFakeClock()
		var attempts []int
		server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
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
		for i, pause := range clock.pauses {
			if middle := 500 * time.Millisecond << i; pause < middle/2 || pause > middle*3/2 {
				t.Errorf("%d: pause %d is %s, want about %s", code, i, pause, middle)
			}
		}
	}
}

func TestWhatCannotPassIsNotRetried(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 418, 501} {
		server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
			if n > 1 {
				t.Errorf("%d: request %d", code, n)
			}
			w.WriteHeader(code)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"no\n good: %s"}}`, r.Header.Get("Authorization"))
		})
		_, err := newTestClient(t, server.URL).Session(nil).Page(t.Context(), Query{})
		var status *StatusError
		if !errors.As(err, &status) || status.Code != code || status.Message != "no good: Bearer [key]" {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestErrorMessageIsFoundAndShort(t *testing.T) {
	for body, want := range map[string]string{
		``:                                 "",
		`{"message":"a"}`:                  "a",
		`{"error":"b"}`:                    "b",
		`{"error":{"message":"c"}}`:        "c",
		`{"error":"bad the\u002dkey"}`:     "bad [key]",
		`{"error":{"code":1}}`:             `{"error":{"code":1}}`,
		"<h1>\n  Bad\tGateway \x1b[1m":     "<h1> Bad Gateway [1m",
		strings.Repeat("é", 300):           strings.Repeat("é", 200) + "…",
		`{"message":"` + "\\u0000x" + `"}`: "x",
	} {
		if got := errorMessage(body, "the-key"); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestGivesUpAfterTwiceTheTimeout(t *testing.T) {
	clock := newFakeClock()
	began := clock.now
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	c := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second), WithMaxRate(0))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	var status *StatusError
	if !errors.As(err, &status) || status.Code != 500 {
		t.Errorf("ended with %v, want the error of the last attempt", err)
	}
	if took := clock.now.Sub(began); took > 20*time.Second || took < 5*time.Second {
		t.Errorf("gave up after %s, want at most twice 10s", took)
	}
}

func TestAttemptWithoutTimeHidesNothing(t *testing.T) {
	server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n > 1 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(503)
	})
	// Two milliseconds of patience are left for the second attempt.
	c := newTestClient(t, server.URL, WithClock(newFakeClock()), WithTimeout(1001*time.Millisecond))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	var status *StatusError
	if !errors.As(err, &status) || status.Code != 503 {
		t.Errorf("ended with %v, want the 503 before it", err)
	}
}

func TestSuccessOfAnotherRequestRenewsPatience(t *testing.T) {
	clock := newFakeClock()
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body()) })
	s := newTestClient(t, server.URL, WithClock(clock), WithTimeout(10*time.Second)).Session(nil)
	_ = clock.Sleep(t.Context(), 19*time.Second)
	if left := s.left(); left != time.Second {
		t.Errorf("%s left after 19s without a success, want 1s", left)
	}
	if _, err := s.Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	if left := s.left(); left != 20*time.Second {
		t.Errorf("%s left after a success, want 20s", left)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
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

func TestLongRetryAfterEndsAtOnceAndKeepsRequestsBack(t *testing.T) {
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
		for range 2 { // the second session does not get as far as a request
			_, err := c.Session(nil).Page(t.Context(), Query{})
			var limit *RateLimitError
			if !errors.As(err, &limit) || !limit.Until.Equal(until) {
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

func TestRedirects(t *testing.T) {
	elsewhere := serve(t, func(int, http.ResponseWriter, *http.Request) { t.Error("the key went to another origin") })
	var server *httptest.Server
	server = serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("branch") {
		case "elsewhere":
			http.Redirect(w, r, elsewhere.URL+"/?the-key", http.StatusFound)
		case "scheme":
			http.Redirect(w, r, strings.Replace(server.URL, "http", "https", 1), http.StatusFound)
		case "circle":
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		case "same":
			http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
		default:
			if got := r.Header.Get("Authorization"); got != "Bearer the-key" {
				t.Errorf("Authorization %q after a redirect", got)
			}
			_, _ = w.Write(body())
		}
	})
	s := newTestClient(t, server.URL).Session(nil)
	if _, err := s.Page(t.Context(), Query{Branch: "same"}); err != nil {
		t.Error(err)
	}
	for _, branch := range []string{"elsewhere", "scheme", "circle"} {
		_, err := s.Page(t.Context(), Query{Branch: branch})
		var redirect *RedirectError
		if !errors.As(err, &redirect) || strings.Contains(err.Error(), "the-key") {
			t.Errorf("%s: %v, want a RedirectError without the key", branch, err)
		}
	}
}

func TestHugeAndCutBodiesAreNoJSON(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("branch") == "cut" {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(body()[:40])
			return
		}
		blank := []byte(strings.Repeat(" ", 1<<20))
		for range 1 << 10 {
			if _, err := w.Write(blank); err != nil {
				return
			}
		}
		t.Error("a gigabyte was read")
	})
	s := newTestClient(t, server.URL).Session(nil)
	for branch, want := range map[string]string{"huge": "longer than 16 MiB", "cut": "byte 40: the body is cut short"} {
		_, err := s.Page(t.Context(), Query{Branch: branch})
		var response *ResponseError
		if !errors.As(err, &response) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a ResponseError with %q", branch, err, want)
		}
	}
}

func TestTimeoutBoundsTheBodyToo(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(body()[:40])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := newTestClient(t, server.URL, WithTimeout(50*time.Millisecond), WithBackoff(time.Millisecond, time.Millisecond))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	var timeout *TimeoutError
	if !errors.As(err, &timeout) {
		t.Errorf("%v, want a TimeoutError", err)
	}
}

func TestNoAnswerIsObservedAndRetried(t *testing.T) {
	server := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	url := server.URL
	server.Close()
	clock := newFakeClock()
	var attempts []int
	_, err := newTestClient(t, url, WithClock(clock)).Session(func(a Attempt) { attempts = append(attempts, a.Status) }).Page(t.Context(), Query{})
	if err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "test-runs") {
		t.Errorf("%v, want the connection's error alone", err)
	}
	if len(attempts) < 3 || attempts[0] != 0 {
		t.Errorf("attempts %v, want several without a status", attempts)
	}
}

func TestCancelledContextEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := newTestClient(t, server.URL).Session(nil).Page(ctx, Query{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestConcurrencyAndRate(t *testing.T) {
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

func TestKeyIsReadAtEachAttempt(t *testing.T) {
	key := &changingKey{}
	var got []string
	server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		if n == 1 {
			w.WriteHeader(500)
			return
		}
		_, _ = w.Write(body())
	})
	c, err := New(server.URL, key, WithClock(newFakeClock()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdle()
	if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil || fmt.Sprint(got) != "[Bearer key-1 Bearer key-2]" {
		t.Errorf("%v with keys %v", err, got)
	}
}

type changingKey struct{ n int }

func (k *changingKey) Read() (string, error) {
	k.n++
	return fmt.Sprintf("key-%d", k.n), nil
}

func TestBadURLIsToldWithWhatToWrite(t *testing.T) {
	for _, url := range []string{"", "api.empirical.run", "ftp://x", "http://", "http://user:secret@x", "http://secret@x", "http://x?key=secret", "http://:80", "http://x?a=b", "http://x#a", "http://[", "://"} {
		_, err := New(url, KeyText("k", "test"))
		if err == nil || !strings.Contains(err.Error(), "write it as https://api.empirical.run") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
