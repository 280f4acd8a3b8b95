package apiclient

import (
	"context"
	"sync"
	"time"
)

// Session is a series of requests that gives up together: see retry.go. It is
// safe for concurrent use.
type Session struct {
	client  *Client
	observe func(Attempt)

	mu          sync.Mutex
	lastSuccess time.Time // the start of the session until a request has succeeded
}

// Session starts a session. observe, if not nil, is called after every attempt,
// from several goroutines at once.
func (c *Client) Session(observe func(Attempt)) *Session {
	if observe == nil {
		observe = func(Attempt) {}
	}
	return &Session{client: c, observe: observe, lastSuccess: c.clock.Now()}
}

// Page reads one page, with retries. A caller can tell these errors apart:
// *StatusError, *RateLimitError, *ResponseError, *RedirectError, *KeyError and
// *TimeoutError. Any other error comes from the connection or from ctx.
func (s *Session) Page(ctx context.Context, q Query) (*Page, error) {
	page, err := fetch(ctx, s, runsPath, q.values(), decodePage)
	if err != nil {
		return nil, err
	}
	page.number, page.asked = max(q.Page, 1), q.PerPage
	return page, nil
}
