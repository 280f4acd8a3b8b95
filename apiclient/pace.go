package apiclient

import (
	"context"
	"time"
)

// maxPause is the longest that an API may keep the client from asking again.
const maxPause = 10 * time.Minute

// enter waits until a request may leave: the pause that the API asked for is
// over, fewer than the permitted requests are in flight, and the rate allows
// it. The caller calls leave when the request has ended.
func (c *Client) enter(ctx context.Context) (leave func(), err error) {
	for {
		if err := c.sitOut(ctx); err != nil {
			return nil, err
		}
		if err := c.inFlight.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		leave = func() { c.inFlight.Release(1) }
		if err := c.keepRate(ctx); err != nil {
			leave()
			return nil, err
		}
		// Another request may have been told to wait meanwhile.
		if !c.paused() {
			return leave, nil
		}
		leave()
	}
}

func (c *Client) keepRate(ctx context.Context) error {
	if c.paused() {
		return nil // and spend nothing of the rate
	}
	now := c.clock.Now()
	wait := c.rate.ReserveN(now, 1).DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	return c.clock.Sleep(ctx, wait)
}

// sitOut waits for the end of a pause, or says that it is too long to wait for.
func (c *Client) sitOut(ctx context.Context) error {
	c.mu.Lock()
	until := c.notBefore
	c.mu.Unlock()
	wait := until.Sub(c.clock.Now())
	switch {
	case wait <= 0:
		return nil
	case wait > c.patience():
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

// pause keeps all requests back for d, and returns until when.
func (c *Client) pause(d time.Duration) time.Time {
	until := c.clock.Now().Add(min(d, maxPause))
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.notBefore) {
		c.notBefore = until
	}
	return c.notBefore
}

// patience is how long a session goes on without a success.
func (c *Client) patience() time.Duration { return 2 * c.timeout }
