package apiclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPage_Request(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/base/api/test-runs" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		const want = "id=3&interval_in_days=9&page=2&per_page=50&result=failed&state=ended"
		if r.URL.RawQuery != want {
			t.Errorf("query %s, want %s", r.URL.RawQuery, want)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer the-key" {
			t.Errorf("Authorization %q", got)
		}
		if got := r.Header.Get("User-Agent"); got != "the-exporter/1" {
			t.Errorf("User-Agent %q", got)
		}
		if got, sent := r.Header["X-Project-Id"]; sent {
			t.Errorf("X-Project-Id %q, which nobody configured", got)
		}
		_, _ = w.Write(body())
	})
	c := newTestClient(t, server.URL+"/base/", WithUserAgent("the-exporter/1"))
	_, err := c.Session(nil).Page(t.Context(), Query{
		ID: 3, PerPage: 50, Page: 2, IntervalInDays: 9, State: Ended, Result: Failed,
	})
	if err != nil {
		t.Error(err)
	}
}

func TestErrorMessage(t *testing.T) {
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

func TestPage_BrokenBodies(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("state") == "short" {
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
	for state, want := range map[State]string{"huge": "longer than 16 MiB", "short": "byte 40: the body is cut short"} {
		_, err := s.Page(t.Context(), Query{State: state})
		if !isA[*ResponseError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a ResponseError with %q", state, err, want)
		}
	}
}

func TestPage_StalledBody(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(body()[:40])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := newTestClient(t, server.URL, WithTimeout(50*time.Millisecond), WithBackoff(time.Millisecond, time.Millisecond))
	_, err := c.Session(nil).Page(t.Context(), Query{})
	if !isA[*TimeoutError](err) {
		t.Errorf("%v, want a TimeoutError", err)
	}
}

func TestPage_StalledErrorMessage(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(401)
		_, _ = w.Write([]byte("no"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := newTestClient(t, server.URL, WithTimeout(100*time.Millisecond), WithBackoff(time.Millisecond, time.Millisecond))
	var attempts []int
	_, err := c.Session(func(a Attempt) { attempts = append(attempts, a.Status) }).Page(t.Context(), Query{})
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != 401 || fmt.Sprint(attempts) != "[401]" {
		t.Errorf("%v after attempts %v, want a 401 after one", err, attempts)
	}
}

func TestPage_NoAnswer(t *testing.T) {
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

func TestPage_Cancelled(t *testing.T) {
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

func TestPage_KeyOfEachAttempt(t *testing.T) {
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

func TestPage_NoKey(t *testing.T) {
	server := serve(t, func(int, http.ResponseWriter, *http.Request) { t.Error("a request was sent without a key") })
	c, err := New(server.URL, KeyText(" ", "the test"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Session(nil).Page(t.Context(), Query{}); !isA[*KeyError](err) {
		t.Errorf("%v, want a KeyError", err)
	}
}
