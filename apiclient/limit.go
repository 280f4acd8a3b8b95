package apiclient

import (
	"context"
	"time"
)

// acquire waits until a request may be sent: no pause that the API asked for is
// left, fewer requests than allowed are in flight, and the rate allows one more.
// The caller calls release when the request has ended.
func (c *Client) acquire(ctx context.Context, background bool) (release func(), err error) {
	for {
		if err := c.waitPause(ctx); err != nil {
			return nil, err
		}
		if err := c.inFlight.acquire(ctx, background); err != nil {
			return nil, err
		}
		release = c.inFlight.release
		if err := c.waitRate(ctx); err != nil {
			release()
			return nil, err
		}
		// The API may have answered another request with a pause meanwhile.
		if !c.paused() {
			return release, nil
		}
		release()
	}
}

// waitRate waits until the rate allows one more request. One caller at a time is
// in turn: what it reserves is given back in full where it gives up, which would
// not be so with others behind it.
func (c *Client) waitRate(ctx context.Context) error {
	if err := c.rateTurn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.rateTurn.Release(1)
	if c.paused() {
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
func (c *Client) waitPause(ctx context.Context) error {
	c.mu.Lock()
	until := c.notBefore
	c.mu.Unlock()
	wait := until.Sub(c.clock.Now())
	switch {
	case wait <= 0:
		return nil
	case c.tooLong(wait):
		return &RateLimitError{Until: until}
	default:
		return c.clock.Sleep(ctx, wait)
	}
}

func (c *Client) paused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notBefore.After(c.clock.Now())
}

// pauseRequests holds all requests of the client for d, at most maxPause, and
// returns when the pause ends. A pause never shortens a longer one.
func (c *Client) pauseRequests(d time.Duration) (until time.Time) {
	until = c.clock.Now().Add(min(d, maxPause))
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.notBefore) {
		c.notBefore = until
	}
	return c.notBefore
}
