package apiclient

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// noted keeps what a session says of its retries.
type noted struct {
	mu    sync.Mutex
	clock Clock
	all   []Retrying
	at    []time.Time
}

func (n *noted) note(r Retrying) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, r)
	n.at = append(n.at, n.clock.Now())
}

func TestOnRetry_OnceAfterFiveSeconds(t *testing.T) {
	clock := newFakeClock()
	began := clock.Now()
	server := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	url := server.URL
	server.Close()
	n := &noted{clock: clock}
	_, err := newTestClient(t, url, WithClock(clock)).Session(nil, OnRetry(n.note)).Page(t.Context(), Query{})
	if len(n.all) != 1 || !n.at[0].Equal(began.Add(5*time.Second)) {
		t.Fatalf("noted %v at %v, want once at %v", n.all, n.at, began.Add(5*time.Second))
	}
	if got := n.all[0]; got.Err.Error() != err.Error() || !got.Until.Equal(began.Add(time.Minute)) {
		t.Errorf("noted %v until %s, want %v until %s", got.Err, got.Until, err, began.Add(time.Minute))
	}
}

// What passes sooner, or fails for good, needs no word.
func TestOnRetry_NotWithoutNeed(t *testing.T) {
	for name, test := range map[string]struct {
		code   int
		header string
		fails  int
	}{
		"passes soon":    {503, "", 2},
		"waits for 4 s":  {429, "4", 1},
		"fails for good": {401, "", 9},
		"waits too long": {429, "120", 9},
	} {
		clock := newFakeClock()
		server := serve(t, func(request int, w http.ResponseWriter, _ *http.Request) {
			if request > test.fails {
				_, _ = w.Write(body())
				return
			}
			w.Header().Set("Retry-After", test.header)
			w.WriteHeader(test.code)
		})
		n := &noted{clock: clock}
		_, _ = newTestClient(t, server.URL, WithClock(clock)).Session(nil, OnRetry(n.note)).Page(t.Context(), Query{})
		if len(n.all) != 0 {
			t.Errorf("%s: noted %v", name, n.all)
		}
	}
}

func TestOnRetry_DuringALongWait(t *testing.T) {
	clock := newFakeClock()
	began := clock.Now()
	server := serve(t, func(request int, w http.ResponseWriter, _ *http.Request) {
		if request > 1 {
			_, _ = w.Write(body())
			return
		}
		w.Header().Set("Retry-After", "50")
		w.WriteHeader(429)
	})
	n := &noted{clock: clock}
	if _, err := newTestClient(t, server.URL, WithClock(clock)).Session(nil, OnRetry(n.note)).Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	if len(n.all) != 1 || !n.at[0].Equal(began.Add(5*time.Second)) {
		t.Errorf("noted %v at %v, want once at %v", n.all, n.at, began.Add(5*time.Second))
	}
}

// The second attempt hangs: the word comes while it does.
func TestOnRetry_DuringAnAttempt(t *testing.T) {
	server := serve(t, func(request int, w http.ResponseWriter, r *http.Request) {
		if request == 1 {
			w.WriteHeader(503)
			return
		}
		<-r.Context().Done()
	})
	n := make(chan Retrying, 1)
	c := newTestClient(t, server.URL, WithTimeout(5*time.Second), WithBackoff(time.Millisecond, time.Millisecond))
	s := c.Session(nil, OnRetry(func(r Retrying) { n <- r }))
	s.trying.stopped = noticeAfter - 200*time.Millisecond // it has gone on for that long
	ended := make(chan error, 1)
	go func() {
		_, err := s.Page(t.Context(), Query{})
		ended <- err
	}()
	select {
	case r := <-n:
		if status, ok := errors.AsType[*StatusError](r.Err); !ok || status.Code != 503 {
			t.Errorf("noted %v, want the 503", r.Err)
		}
	case err := <-ended:
		t.Errorf("ended with %v and no word", err)
	}
}

func TestRetry_ForbiddenForNow(t *testing.T) {
	for _, header := range []string{"7", "0", "soon"} {
		clock := newFakeClock()
		server := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(403)
				return
			}
			_, _ = w.Write(body())
		})
		if _, err := newTestClient(t, server.URL, WithClock(clock)).Session(nil).Page(t.Context(), Query{}); err != nil {
			t.Errorf("403 with Retry-After %s: %v", header, err)
		}
	}
}
