package apiclient

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// slots bounds the requests in flight. First come, first served; but a request of
// a background session that hangs gives its slot up to one that waits.
type slots struct {
	free *semaphore.Weighted

	mu      sync.Mutex
	waiting int           // requests that wait for a slot, without those of background sessions
	arrived chan struct{} // closed when one begins to wait, then replaced
}

func newSlots(n int) *slots {
	return &slots{free: semaphore.NewWeighted(int64(n)), arrived: make(chan struct{})}
}

func (s *slots) acquire(ctx context.Context, background bool) error {
	if s.free.TryAcquire(1) {
		return nil
	}
	if !background {
		s.arrive()
		defer s.leave()
	}
	return s.free.Acquire(ctx, 1)
}

func (s *slots) release() { s.free.Release(1) }

func (s *slots) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting++
	close(s.arrived)
	s.arrived = make(chan struct{})
}

func (s *slots) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
}

// giveWay calls give when a request waits for a slot, but not before the grace
// has passed, and not after ctx has ended.
func (s *slots) giveWay(ctx context.Context, grace time.Duration, give func()) {
	select {
	case <-time.After(grace):
	case <-ctx.Done():
		return
	}
	s.mu.Lock()
	waiting, arrived := s.waiting, s.arrived
	s.mu.Unlock()
	if waiting == 0 {
		select {
		case <-arrived:
		case <-ctx.Done():
			return
		}
	}
	give()
}
