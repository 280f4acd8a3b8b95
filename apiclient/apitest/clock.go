package apitest

import (
	"context"
	"sync/atomic"
	"time"
)

// SkippingClock is a clock for apiclient.WithClock by which no wait takes time: what
// it would have taken is added to the clock. It may be used by several goroutines.
type SkippingClock struct {
	// Base is the time without the waits; nil stands for the machine's.
	Base func() time.Time

	skipped atomic.Int64
}

// Now returns the time with all that was skipped.
func (c *SkippingClock) Now() time.Time {
	now := time.Now
	if c.Base != nil {
		now = c.Base
	}
	return now().Add(time.Duration(c.skipped.Load()))
}

// Sleep skips a wait. It returns the error of a context that has ended.
func (c *SkippingClock) Sleep(ctx context.Context, d time.Duration) error {
	c.Skip(d)
	return ctx.Err()
}

// Skip sets the clock forward.
func (c *SkippingClock) Skip(d time.Duration) { c.skipped.Add(int64(d)) }
