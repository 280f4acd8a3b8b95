package collector_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const day = 24 * time.Hour

// testClock stands still until it is advanced.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// skippingClock is the machine's clock, but a pause ends at once: the time it
// would have taken is added to the clock.
type skippingClock struct{ skipped atomic.Int64 }

func (c *skippingClock) Now() time.Time { return time.Now().Add(time.Duration(c.skipped.Load())) }

// Sleep implements apiclient.Clock.
func (c *skippingClock) Sleep(ctx context.Context, d time.Duration) error {
	c.skip(d)
	return ctx.Err()
}

func (c *skippingClock) skip(d time.Duration) { c.skipped.Add(int64(d)) }

// logLines keeps what is logged.
type logLines struct {
	mu  sync.Mutex
	all []string
}

// Write implements io.Writer; a logger writes one line at a time.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// take returns the warnings and errors and what else was logged, and forgets all.
func (l *logLines) take() (bad, others []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, "level=error") || strings.Contains(line, "level=warn") {
			bad = append(bad, line)
		} else {
			others = append(others, line)
		}
	}
	l.all = nil
	return bad, others
}

// proxy stands before an API and passes requests on until it is stopped. After
// that connections are refused.
type proxy struct {
	tb      testing.TB
	url     string
	address string
	handler *httputil.ReverseProxy
	server  *http.Server
}

func newProxy(tb testing.TB, to string) *proxy {
	tb.Helper()
	api, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	tb.Cleanup(transport.CloseIdleConnections)
	p := &proxy{tb: tb, address: "127.0.0.1:0", handler: httputil.NewSingleHostReverseProxy(api)}
	p.handler.Transport = transport
	p.handler.FlushInterval = -1
	p.handler.ErrorLog = log.New(io.Discard, "", 0)
	p.start()
	tb.Cleanup(p.stop)
	return p
}

// start listens, on the same address as before.
func (p *proxy) start() {
	p.tb.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.tb.Fatal(err)
	}
	p.address = listener.Addr().String()
	p.url = "http://" + p.address
	server := &http.Server{Handler: p.handler, ErrorLog: p.handler.ErrorLog}
	p.server = server
	go func() { _ = server.Serve(listener) }()
}

func (p *proxy) stop() { _ = p.server.Close() }
