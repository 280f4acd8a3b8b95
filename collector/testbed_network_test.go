package collector_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

var (
	// trusted issues the certificates that the clients of these tests trust.
	trusted *testnet.Authority
	// names resolves the names of APIs.
	names *testnet.Names
)

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "collector")
	if err == nil {
		trusted, err = testnet.TrustedByProcess(directory)
	}
	if err != nil {
		panic(err)
	}
	names = testnet.NamesOfProcess()
	code := m.Run()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

func serverConfig(c *testnet.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.Pair}, MinVersion: tls.VersionTLS12}
}

// goodTLS is a configuration of the API's host that clients trust.
func (tb *testbed) goodTLS() *tls.Config { return serverConfig(trusted.MustIssue(tb, tb.host)) }

var hosts atomic.Int64

// newHost returns a name that no other test has.
func newHost() string { return fmt.Sprintf("api-%d.test", hosts.Add(1)) }

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// proxy stands before an API and passes requests on until it is stopped. After
// that connections are refused.
type proxy struct {
	tb      testing.TB
	address string
	handler *httputil.ReverseProxy
	secured *tls.Config // nil for plain HTTP
	server  *http.Server
}

func newProxy(tb testing.TB, to string, secured *tls.Config) *proxy {
	tb.Helper()
	api, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	tb.Cleanup(transport.CloseIdleConnections)
	p := &proxy{tb: tb, address: "127.0.0.1:0", handler: httputil.NewSingleHostReverseProxy(api), secured: secured}
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
	server := &http.Server{Handler: p.handler, ErrorLog: p.handler.ErrorLog}
	p.server = server
	if p.secured == nil {
		go func() { _ = server.Serve(listener) }()
		return
	}
	server.TLSConfig = p.secured.Clone()
	go func() { _ = server.ServeTLS(listener, "", "") }()
}

func (p *proxy) stop() { _ = p.server.Close() }

// serve has what is before the API use another TLS configuration, nil for plain
// HTTP, and ends all connections. Its address may be taken by then, so it gets a
// new one.
func (tb *testbed) serve(secured *tls.Config) {
	tb.Helper()
	next := newProxy(tb, tb.api.URL, secured)
	tb.relay.Redirect(next.address)
}
