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
	current *http.Client
	since   time.Time // when the current client began
}

// client returns the HTTP client for the next request.
func (c *connections) client() *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if age := now.Sub(c.since); c.current != nil && (age < 0 || age >= connectionLife) {
		c.retire()
	}
	if c.current == nil {
		c.current, c.since = c.newClient(), now
	}
	return c.current
}

// timedOut retires the connections of a client, one of whose requests has timed
// out.
func (c *connections) timedOut(of *http.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == of { // else they are retired already
		c.retire()
	}
}

// retire lets no new request use the connections that are there. Those in use
// are closed when their requests have ended.
func (c *connections) retire() {
	c.current.CloseIdleConnections()
	c.current = nil
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
