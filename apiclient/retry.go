package apiclient

import (
	"context"
	"errors"
	"math"
	"net"
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
// twice the timeout of a request. See giveUpAfter. Time in which all of them only
// wait for their turn does not count, so that a low rate leaves time for retries.
// The last attempt gets only the time that is left until then, so the session
// ends on time.
//
// With which pauses: Retry-After where the API sends it. Otherwise each pause
// is twice as long as the one before, within the bounds of WithBackoff, and up
// to half of it longer or shorter at random, so that clients do not retry all
// at once. A wait that the analytics ask for is none for the runs: see pauseRequests.
//
// Where nobody waits for the answer, a session may wait as long as the API asks: see
// LongWaits. Such a wait does not count as time without a success.
//
// Who hears of it: OnRetry, once, when it has gone on for noticeAfter.

const (
	// maxPause is the longest time for which the API can keep the client from
	// sending requests, but for LongWaits.
	maxPause = 10 * time.Minute
	// noticeAfter is how long nothing has succeeded when OnRetry is called.
	noticeAfter = 5 * time.Second
)

// giveUpAfter is how long a session goes on without a success.
func (c *Client) giveUpAfter() time.Duration { return 2 * c.timeout }

// retry calls attempt until it succeeds, fails for good, or the session gives
// up. attempt receives the time that it may take.
func (s *Session) retry(ctx context.Context, path string, attempt func(timeout time.Duration) error) error {
	pauses := s.client.backoff.start()
	var previous error
	for {
		stop := s.noticeLater(previous)
		err := attempt(s.attemptTimeout())
		stop()
		switch {
		case err == nil:
			s.succeeded()
			return nil
		case ctx.Err() != nil || !temporary(err):
			return err
		case gaveWay(err) && s.timeLeft() > 0:
			continue
		case previous != nil && s.cutShort(err):
			return previous
		}
		if err := s.waitToRetry(ctx, path, err, pauses.NextBackOff()); err != nil {
			return err
		}
		previous = err
	}
}

// temporary reports whether the same request may succeed later: after an answer
// that says so, an error of the connection, or a timeout. What is wrong with a
// certificate, a name or a proxy's credentials stays wrong.
func temporary(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.RateLimited() || temporaryStatus(status.Code)
	}
	if proxy, ok := errors.AsType[*ProxyError](err); ok && proxy.Code != 0 {
		return temporaryStatus(proxy.Code)
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound {
		return false
	}
	return !isA[*TLSError](err) && !isA[*RateLimitError](err) && !isA[*ResponseError](err) && !isA[*RedirectError](err) && !isA[*KeyError](err)
}

// temporaryStatus reports whether a status says that the server, or its way to
// the one behind it, does not work for now. 520 to 527 and 530 are Cloudflare's.
func temporaryStatus(code int) bool {
	switch code {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 530:
		return true
	}
	return code >= 520 && code <= 527
}

// gaveWay reports whether a request was ended for another one.
func gaveWay(err error) bool {
	timeout, ok := errors.AsType[*TimeoutError](err)
	return ok && timeout.GaveWay
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
func (s *Session) waitToRetry(ctx context.Context, path string, failure error, pause time.Duration) error {
	if status, ok := errors.AsType[*StatusError](failure); ok && status.RetryAfter > 0 {
		if s.longWaits != nil {
			return s.waitLong(ctx, path, status)
		}
		pause = status.RetryAfter
		until := s.client.pauseRequests(path, min(pause, maxPause))
		if s.tooLong(pause) {
			return &RateLimitError{Until: until}
		}
	}
	if pause >= s.timeLeft() {
		return failure
	}
	s.try(true)
	defer s.try(false)
	for pause > 0 {
		step := pause
		if until := s.untilNotice(failure); until > 0 {
			step = min(pause, until)
		}
		if err := s.client.clock.Sleep(ctx, step); err != nil {
			return err
		}
		pause -= step
	}
	return nil
}

// untilNotice returns the time until OnRetry is to be called, and calls it where
// that has come. It is 0 from then on.
func (s *Session) untilNotice(failure error) time.Duration {
	s.mu.Lock()
	left := noticeAfter - s.trying.elapsed()
	if s.retrying {
		left = 0
	}
	notice := left <= 0 && !s.retrying
	s.retrying = s.retrying || notice
	until := s.client.clock.Now().Add(s.client.giveUpAfter() - s.trying.elapsed())
	s.mu.Unlock()
	if notice {
		s.onRetry(Retrying{Err: failure, Until: until})
	}
	return max(0, left)
}

// noticeLater has OnRetry called in time where an attempt follows on a failure,
// until stop is called. As with the timeout of a request, the machine's clock
// says when.
func (s *Session) noticeLater(failure error) (stop func()) {
	if failure == nil {
		return func() {}
	}
	left := s.untilNotice(failure)
	if left == 0 {
		return func() {}
	}
	timer := time.AfterFunc(left, func() { s.untilNotice(failure) })
	return func() { timer.Stop() }
}

// tooLong reports whether a pause that the API asked for ends with a
// RateLimitError. A shorter one is waited for.
func (s *Session) tooLong(pause time.Duration) bool {
	return s.longWaits == nil && pause > s.client.giveUpAfter()
}

// longWaits are those of a session with LongWaits. The session's lock guards them.
type longWaits struct {
	most   time.Duration
	onWait func(Waiting)
	until  time.Time // the end of the last wait
	limit  time.Time // no wait may end later; zero before the first since a success
}

// waitLong waits for as long as the API asks, or returns a *RateLimitError where
// that is too long even for LongWaits.
func (s *Session) waitLong(ctx context.Context, path string, failure *StatusError) error {
	until := s.client.clock.Now().Add(failure.RetryAfter)
	isNew, tooLong := s.addLongWait(until, failure.RetryAfter)
	s.client.pauseRequests(path, min(failure.RetryAfter, s.longWaits.most))
	if tooLong {
		return &RateLimitError{Until: until}
	}
	if isNew && failure.RetryAfter >= noticeAfter {
		s.longWaits.onWait(Waiting{Err: failure, Until: until})
	}
	return s.waitPause(ctx, path)
}

// addLongWait notes a wait. Requests that are in flight together are all answered
// with nearly the same one: it is new and too long once.
func (s *Session) addLongWait(until time.Time, wait time.Duration) (isNew, tooLong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.longWaits
	if until.Sub(w.until) < noticeAfter {
		return false, false
	}
	if w.limit.IsZero() {
		w.limit = until.Add(w.most - wait)
	}
	if until.After(w.limit) {
		return true, true
	}
	w.until = until
	return true, false
}

// try says that a request is being tried from now on, or no longer: it is in
// flight, or pauses before the next attempt.
func (s *Session) try(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.trying.start()
	} else {
		s.trying.stop()
	}
}

func (s *Session) succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trying.reset()
	if s.longWaits != nil {
		s.longWaits.limit = time.Time{}
	}
}

// timeLeft is the time until the session gives up, if no request succeeds.
func (s *Session) timeLeft() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client.giveUpAfter() - s.trying.elapsed()
}

// attemptTimeout is the time that the next attempt may take. Where requests that
// were in flight beside it have used up what was left, they end the session, and
// the attempt gets the full timeout.
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
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
