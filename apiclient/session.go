package apiclient

import (
	"context"
	"sync"
	"time"
)

// Session is a series of requests that gives up together: see retry.go. It is
// safe for concurrent use.
type Session struct {
	client     *Client
	observe    func(Attempt)
	onRetry    func(Retrying)
	background bool
	// observePage is nil where nobody looks at whole pages, which costs time.
	observePage func(ObservedPage)
	longWaits   *longWaits // nil where no wait may be long

	mu       sync.Mutex
	trying   stopwatch // how long nothing has succeeded
	retrying bool      // onRetry was called
}

// SessionOption changes a Session from its defaults.
type SessionOption func(*Session)

// Retrying describes requests that go on failing for now.
type Retrying struct {
	Err   error     // of the last attempt
	Until time.Time // when the session gives up, if no request succeeds
}

// OnRetry has f called once in a session, as soon as no request has succeeded
// for 5 s and one that failed is sent again.
func OnRetry(f func(Retrying)) SessionOption { return func(s *Session) { s.onRetry = f } }

// Waiting describes a wait that the API asks for.
type Waiting struct {
	Err   error     // the answer that asks for it
	Until time.Time // when requests are sent again
}

// LongWaits is for a session whose answers nobody waits for: where the API asks to
// wait, it does, and calls f before each wait of 5 s or more. It ends with a
// *RateLimitError where a wait would end later than most after the beginning of the
// first one since a success.
func LongWaits(most time.Duration, f func(Waiting)) SessionOption {
	return func(s *Session) { s.longWaits = &longWaits{most: most, onWait: f} }
}

// Background makes requests give way: one that takes far longer than others is
// ended, and sent again later, when a request of another session needs its place
// among those in flight.
func Background() SessionOption { return func(s *Session) { s.background = true } }

// Session starts a session. observe, if not nil, is called after every attempt,
// from several goroutines at once.
func (c *Client) Session(observe func(Attempt), options ...SessionOption) *Session {
	if observe == nil {
		observe = func(Attempt) {}
	}
	s := &Session{client: c, observe: observe, onRetry: func(Retrying) {}, trying: stopwatch{now: c.clock.Now}}
	for _, option := range options {
		option(s)
	}
	return s
}

// Page reads one page, with retries. A caller can tell these errors apart:
// *StatusError, *RateLimitError, *ResponseError, *RedirectError, *KeyError,
// *TLSError, *ProxyError and *TimeoutError. Any other error comes from the
// connection or from ctx.
func (s *Session) Page(ctx context.Context, q Query) (*Page, error) {
	page, err := fetch(ctx, s, runsPath, q.values(), decodePage)
	if err != nil {
		return nil, err
	}
	page.number, page.asked = max(q.Page, 1), q.PerPage
	if s.observePage != nil {
		s.observePage(observed(q, page))
	}
	page.raw = nil // else it would keep the whole answer in memory
	return page, nil
}

// stopwatch measures a time during which something goes on, without the gaps. Its
// user locks it.
type stopwatch struct {
	now     func() time.Time
	going   int           // how many times at once
	since   time.Time     // it goes on, where it does
	stopped time.Duration // what was measured before
}

func (w *stopwatch) start() {
	if w.going == 0 {
		w.since = w.now()
	}
	w.going++
}

func (w *stopwatch) stop() {
	w.stopped = w.elapsed()
	w.since = w.now()
	w.going--
}

func (w *stopwatch) reset() { w.stopped, w.since = 0, w.now() }

func (w *stopwatch) elapsed() time.Duration {
	if w.going == 0 {
		return w.stopped
	}
	return w.stopped + w.now().Sub(w.since)
}
