package proof

import (
	"sync"
	"time"
)

// Clock is the time of a project's past, which is gone through faster than it was, and then the time of the machine.
type Clock struct {
	mu  sync.Mutex
	now time.Time // zero once the clock is live
}

// NewClock returns a clock that stands at now.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the time by this clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		return time.Now()
	}
	return c.now
}

// Set moves the clock.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// GoLive leaves the clock to the machine.
func (c *Clock) GoLive() { c.Set(time.Time{}) }
