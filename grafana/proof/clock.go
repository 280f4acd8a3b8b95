package proof

import (
	"sync"
	"time"
)

// clock is set by hand while a past is replayed, and shows the machine's time afterwards.
type clock struct {
	mu  sync.Mutex
	now time.Time // zero for the machine's time
}

// Now returns the time by this clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		return time.Now()
	}
	return c.now
}

// Set sets the clock.
func (c *clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// UseMachineTime makes the clock show the machine's time from now on.
func (c *clock) UseMachineTime() { c.Set(time.Time{}) }
