package apiclient

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// This file holds the retry policy, all of it.
//
// What is retried: whatever may pass by itself. See temporary.
//
// For how long: a session gives up when none of its requests has succeeded for
// twice the timeout of a request. See giveUpAfter. The last attempt gets only
// the time that is left until then, so the session ends on time.
//
// With which pauses: Retry-After where the API sends it. Otherwise each pause
// is twice as long as the one before, within the bounds of WithBackoff, and up
// to half of it longer or shorter at random, so that clients do not retry all
// at once.

// maxPause is the longest time for which the API can keep the client from
// sending requests.
const maxPause = 10 * time.Minute

// giveUpAfter is how long a session goes on without a success.
func (c *Client) giveUpAfter() time.Duration { return 2 * c.timeout }

// retry calls attempt until it succeeds, fails for good, or the session gives
// up. attempt receives the time that it may take.
func (s *Session) retry(ctx context.Context, attempt func(timeout time.Duration) error) error {
	pauses := s.client.backoff.start()
	var previous error
	for {
		err := attempt(s.attemptTimeout())
		switch {
		case err == nil:
			s.succeeded()
			return nil
		case ctx.Err() != nil || !temporary(err):
			return err
		case previous != nil && s.cutShort(err):
			return previous
		}
		if err := s.waitToRetry(ctx, err, pauses.NextBackOff()); err != nil {
			return err
		}
		previous = err
	}
}

// temporary reports whether the same request may succeed later: after status
// 429, 500, 502, 503 or 504, an error of the connection, or a timeout.
func temporary(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		switch status.Code {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	return !isA[*RateLimitError](err) && !isA[*ResponseError](err) && !isA[*RedirectError](err) && !isA[*KeyError](err)
}

// cutShort reports whether an attempt timed out only because the session had
// less time left than a request may take. The error before it says more.
func (s *Session) cutShort(err error) bool {
	timeout, ok := errors.AsType[*TimeoutError](err)
	return ok && timeout.After < s.client.timeout
}

// waitToRetry waits before the next attempt: for as long as the API asks, or
// else for the pause of the backoff. It returns the error to end with where the
// session would give up during the pause.
func (s *Session) waitToRetry(ctx context.Context, failure error, pause time.Duration) error {
	if status, ok := errors.AsType[*StatusError](failure); ok && status.RetryAfter > 0 {
		pause = status.RetryAfter
		until := s.client.pauseRequests(pause)
		if s.client.tooLong(pause) {
			return &RateLimitError{Until: until}
		}
	}
	if pause >= s.timeLeft() {
		return failure
	}
	return s.client.clock.Sleep(ctx, pause)
}

// tooLong reports whether a pause that the API asked for ends with a
// RateLimitError. A shorter one is waited for.
func (c *Client) tooLong(pause time.Duration) bool { return pause > c.giveUpAfter() }

func (s *Session) succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastSuccess = s.client.clock.Now()
}

// timeLeft is the time until the session gives up, if no request succeeds.
func (s *Session) timeLeft() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client.giveUpAfter() - s.client.clock.Now().Sub(s.lastSuccess)
}

// attemptTimeout is the time that the next attempt may take. No time can be
// left after a long wait for the rate limit. That is no failure of the API, so
// the attempt then gets the full timeout.
func (s *Session) attemptTimeout() time.Duration {
	left := s.timeLeft()
	if left <= 0 {
		return s.client.timeout
	}
	return min(left, s.client.timeout)
}

// backoffBounds are the shortest and the longest pause, before the random part.
type backoffBounds struct{ first, longest time.Duration }

func (b backoffBounds) start() *backoff.ExponentialBackOff {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = b.first, b.longest
	pauses.Multiplier, pauses.RandomizationFactor = 2, 0.5
	pauses.Reset()
	return pauses
}

// retryAfter returns the wait that a Retry-After header asks for, in seconds or
// as a date. It is 0 where the header is missing, unreadable or in the past.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxPause/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
