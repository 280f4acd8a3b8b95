package apiclient

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Session is a series of requests that gives up together: when none of them
// has succeeded for twice the request time-out. It is safe for concurrent use.
type Session struct {
	client  *Client
	observe func(Attempt)

	mu      sync.Mutex
	success time.Time // of the last request that succeeded; at first, when the session began
}

// Session begins a session. Observe, if not nil, is told of every attempt, from
// several goroutines at once.
func (c *Client) Session(observe func(Attempt)) *Session {
	if observe == nil {
		observe = func(Attempt) {}
	}
	return &Session{client: c, observe: observe, success: c.clock.Now()}
}

// Page reads one page. What can pass is retried: 429, 500, 502, 503, 504,
// connection errors and time-outs. The errors that a caller can tell apart are
// *StatusError, *RateLimitError, *ResponseError, *RedirectError, *KeyError and
// *TimeoutError; any other is the connection's, or the context's.
func (s *Session) Page(ctx context.Context, q Query) (*Page, error) {
	pauses := s.client.backoff.start()
	var before error
	for {
		page, err := s.attempt(ctx, q, s.timeout())
		if err == nil {
			s.succeeded()
			page.number, page.asked = max(q.Page, 1), q.PerPage
			return page, nil
		}
		if ctx.Err() != nil || !temporary(err) {
			return nil, err
		}
		if before != nil && s.wasCut(err) {
			return nil, before
		}
		if err := s.wait(ctx, err, pauses.NextBackOff()); err != nil {
			return nil, err
		}
		before = err
	}
}

// wasCut tells whether an attempt ended for want of patience, sooner than a
// request has time for. What went wrong before it says more.
func (s *Session) wasCut(err error) bool {
	var timeout *TimeoutError
	return errors.As(err, &timeout) && timeout.After < s.client.timeout
}

// wait sits out the pause before a retry. It returns the error to end with
// where there is no patience left for one.
func (s *Session) wait(ctx context.Context, failure error, pause time.Duration) error {
	var status *StatusError
	if errors.As(failure, &status) && status.RetryAfter > 0 {
		until := s.client.pause(status.RetryAfter)
		pause = status.RetryAfter
		if pause > s.client.patience() {
			return &RateLimitError{Until: until}
		}
	}
	if pause >= s.left() {
		return failure
	}
	return s.client.clock.Sleep(ctx, pause)
}

// temporary tells whether the same request may succeed later.
func temporary(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.temporary()
	}
	var (
		limit    *RateLimitError
		response *ResponseError
		redirect *RedirectError
		key      *KeyError
	)
	return !errors.As(err, &limit) && !errors.As(err, &response) && !errors.As(err, &redirect) && !errors.As(err, &key)
}

func (s *Session) succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.success = s.client.clock.Now()
}

// left is the patience that is left.
func (s *Session) left() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client.patience() - s.client.clock.Now().Sub(s.success)
}

// timeout bounds the next attempt, so that a session whose requests all hang
// ends on time. Waiting for the rate costs no patience, hence the first case.
func (s *Session) timeout() time.Duration {
	left := s.left()
	if left <= 0 {
		return s.client.timeout
	}
	return min(left, s.client.timeout)
}

type backoffBounds struct{ first, longest time.Duration }

func (b backoffBounds) start() *backoff.ExponentialBackOff {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval, pauses.Multiplier = b.first, b.longest, 2
	pauses.Reset()
	return pauses
}
