package apiclient

import (
	"context"
	"time"
)

// acquire waits until a request for a path may be sent: no pause that the API asked for is
// left, fewer requests than allowed are in flight, and the rate allows one more.
// The caller calls release when the request has ended.
func (s *Session) acquire(ctx context.Context, path string) (release func(), err error) {
	c := s.client
	for {
		if err := s.waitPause(ctx, path); err != nil {
			return nil, err
		}
		if err := c.inFlight.acquire(ctx, s.background); err != nil {
			return nil, err
		}
		release = c.inFlight.release
		if err := c.waitRate(ctx, path); err != nil {
			release()
			return nil, err
		}
		// The API may have answered another request with a pause meanwhile.
		if !c.paused(path) {
			return release, nil
		}
		release()
	}
}

// waitRate waits until the rate allows one more request. One caller at a time is
// in turn: what it reserves is given back in full where it gives up, which would
// not be so with others behind it.
func (c *Client) waitRate(ctx context.Context, path string) error {
	if err := c.rateTurn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.rateTurn.Release(1)
	if c.paused(path) {
		return nil // no request will be sent now, so none is counted
	}
	now := c.clock.Now()
	reservation := c.rate.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	if err := c.clock.Sleep(ctx, wait); err != nil {
		reservation.CancelAt(c.clock.Now())
		return err
	}
	return nil
}

// waitPause waits for the end of the pause, or returns a *RateLimitError where
// it is too long to wait for.
func (s *Session) waitPause(ctx context.Context, path string) error {
	until := s.client.pausedUntil(path)
	wait := until.Sub(s.client.clock.Now())
	switch {
	case wait <= 0:
		return nil
	case s.tooLong(wait):
		return &RateLimitError{Until: until}
	default:
		return s.client.clock.Sleep(ctx, wait)
	}
}

func (c *Client) paused(path string) bool { return c.pausedUntil(path).After(c.clock.Now()) }

// pausedUntil returns when the pause ends that holds for a path. One that the API
// asked for when it was asked for runs holds for all paths.
func (c *Client) pausedUntil(path string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own := c.notBefore[path]; own.After(c.notBefore[runsPath]) {
		return own
	}
	return c.notBefore[runsPath]
}

// pauseRequests holds all requests for a path for d, and returns when the pause
// ends. For runsPath it holds all requests of the client: analytics may have a
// limit of their own, which must not cost the runs. A pause never shortens a longer
// one.
func (c *Client) pauseRequests(path string, d time.Duration) (until time.Time) {
	until = c.clock.Now().Add(d)
	c.mu.Lock()
	if until.After(c.notBefore[path]) {
		c.notBefore[path] = until
	}
	c.mu.Unlock()
	return c.pausedUntil(path)
}
