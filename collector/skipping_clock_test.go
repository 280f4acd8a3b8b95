package collector_test

import (
	"context"
	"sync/atomic"
	"time"
)

// skippingClock is the machine's, but that nobody waits: a pause is skipped.
type skippingClock struct{ skipped atomic.Int64 }

func (c *skippingClock) Now() time.Time { return time.Now().Add(time.Duration(c.skipped.Load())) }

// Sleep implements apiclient.Clock.
func (c *skippingClock) Sleep(ctx context.Context, d time.Duration) error {
	c.skip(d)
	return ctx.Err()
}

func (c *skippingClock) skip(d time.Duration) { c.skipped.Add(int64(d)) }
