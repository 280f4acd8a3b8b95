package apiclient

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// This file holds what is to be done about connections that no longer lead
// anywhere, of which nobody says a word: the network behind them was changed, or
// the machine has slept.
//
// HTTP/2 sends all requests over one connection. It is asked by pings whether it
// still answers, and closed where it does not. On HTTP/1.1 a request that times
// out takes its connection along. As others may be dead with it, a timeout
// retires all connections at once.
//
// A connection that works may still lead to an address that the API's name has
// left. So none is used for longer than connectionLife.

const (
	// connectTimeout bounds the wait for a connection, so that within the timeout
	// of a request another address of the API can be tried.
	connectTimeout = 10 * time.Second
	// connectionLife is how long a connection serves new requests.
	connectionLife = 10 * time.Minute
)

// pings say how soon a dead HTTP/2 connection is noticed: at most after the two
// together.
type pings struct {
	after   time.Duration // without a word from the other side
	timeout time.Duration // of the answer to a ping
}

// connections are those that a client keeps.
type connections struct {
	newClient func() *http.Client
	now       func() time.Time

	mu      sync.Mutex
	current *pool // nil before the first request
}

// pool is connections that are retired together.
type pool struct {
	*http.Client
	since   time.Time
	users   int // requests under way
	retired bool
}

// take returns the pool for a request, and give is to be called when it has ended.
func (c *connections) take() *pool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if p := c.current; p != nil && (now.Before(p.since) || now.Sub(p.since) >= connectionLife) {
		c.retire(p)
	}
	if c.current == nil {
		c.current = &pool{Client: c.newClient(), since: now}
	}
	c.current.users++
	return c.current
}

func (c *connections) give(p *pool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.users--
	if p.retired && p.users == 0 {
		p.CloseIdleConnections()
	}
}

// retire lets no new request use a pool. Its idle connections are closed now, the
// others when the last of its requests has ended.
func (c *connections) retire(p *pool) {
	p.retired = true
	p.CloseIdleConnections()
	if c.current == p {
		c.current = nil
	}
}

// timedOut retires the pool of a request that has timed out.
func (c *connections) timedOut(p *pool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retire(p)
}

func (c *connections) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		c.current.CloseIdleConnections()
	}
}

func (c *Client) newHTTPClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = c.concurrency
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: c.pings.after, PingTimeout: c.pings.timeout}
	transport.OnProxyConnectResponse = c.checkProxyAnswer
	return &http.Client{Transport: transport, CheckRedirect: c.checkRedirect}
}

// checkProxyAnswer implements the hook of http.Transport. Without it the error
// would have no status.
func (c *Client) checkProxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return c.proxyError(answer.StatusCode, nil)
}
