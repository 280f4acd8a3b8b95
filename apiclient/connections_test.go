package apiclient

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

// trusted issues the certificates that the clients of these tests trust.
var trusted *testnet.Authority

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "apiclient")
	if err == nil {
		trusted, err = testnet.TrustedByProcess(directory)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

// secureAPI is an API over TLS whose connections a relay can silence. It counts
// the requests that it answers.
func secureAPI(t *testing.T, http2 bool, answer http.HandlerFunc) (*testnet.Relay, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(answer)
	server.EnableHTTP2 = http2
	server.TLS = serverConfig(trusted.MustIssue(t, "api"))
	server.StartTLS()
	t.Cleanup(server.Close)
	relay := testnet.MustRelay(t, server.Listener.Addr().String())
	return relay, "https://" + relay.Address
}

func withPings(after, timeout time.Duration) Option {
	return func(c *Client) { c.pings = pings{after, timeout} }
}

// The open connection dies without a word. A ping finds that out long before the
// timeout of the request.
func TestConnections_DeadHTTP2IsNoticedByPings(t *testing.T) {
	var protocol string
	relay, url := secureAPI(t, true, func(w http.ResponseWriter, r *http.Request) {
		protocol = r.Proto
		_, _ = w.Write(body())
	})
	c := newTestClient(t, url, withPings(20*time.Millisecond, 20*time.Millisecond), WithTimeout(time.Hour), WithBackoff(time.Millisecond, time.Millisecond))
	if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	relay.Silence()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := c.Session(nil).Page(ctx, Query{}); err != nil {
		t.Error(err)
	}
	if protocol != "HTTP/2.0" || relay.Connections() != 2 {
		t.Errorf("%s over %d connections, want HTTP/2.0 over 2", protocol, relay.Connections())
	}
}

func TestConnections_DeadIsNoticedSoon(t *testing.T) {
	c := newTestClient(t, "https://api.test")
	transport := c.connections.take().Transport.(*http.Transport)
	if in := transport.HTTP2.SendPingTimeout + transport.HTTP2.PingTimeout; in <= 0 || in > 15*time.Second {
		t.Errorf("a dead HTTP/2 connection is noticed within %s, want 15s at most", in)
	}
}

// All idle connections have died. One request finds that out by its timeout, and
// the next does not try another of the dead.
func TestConnections_TimeoutRetiresAll(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP/2 %t", http2), func(t *testing.T) {
			t.Parallel()
			const atOnce = 4
			var together sync.WaitGroup
			together.Add(atOnce)
			relay, url := secureAPI(t, http2, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("page") == "7" {
					together.Done()
					together.Wait()
				}
				_, _ = w.Write(body())
			})
			c := newTestClient(t, url, withPings(time.Hour, time.Hour), WithTimeout(2*time.Second), WithBackoff(time.Millisecond, time.Millisecond))
			var all sync.WaitGroup
			for range atOnce {
				all.Go(func() {
					if _, err := c.Session(nil).Page(t.Context(), Query{Page: 7}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			relay.Silence()
			attempts := 0
			if _, err := c.Session(func(Attempt) { attempts++ }).Page(t.Context(), Query{}); err != nil || attempts != 2 {
				t.Errorf("%v after %d attempts, want success with the second", err, attempts)
			}
		})
	}
}

// The API's name may lead elsewhere by then.
func TestConnections_AreRenewedNowAndThen(t *testing.T) {
	relay, url := secureAPI(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body()) })
	clock := newFakeClock()
	c := newTestClient(t, url, WithClock(clock))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {connectionLife - time.Second, 1}, {time.Second, 2}, {time.Second, 2}, {-time.Hour, 3}} {
		_ = clock.Sleep(t.Context(), step.after)
		if _, err := c.Session(nil).Page(t.Context(), Query{}); err != nil {
			t.Fatal(err)
		}
		if got := relay.Connections(); got != step.want {
			t.Errorf("%s later: %d connections, want %d", step.after, got, step.want)
		}
	}
}

// proxied has a client use a proxy, whatever the environment says.
func proxied(t *testing.T, c *Client, proxy string) {
	t.Helper()
	address, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	plain := c.connections.newClient
	c.connections.newClient = func() *http.Client {
		httpClient := plain()
		httpClient.Transport.(*http.Transport).Proxy = http.ProxyURL(address)
		return httpClient
	}
}

func TestProxy_Errors(t *testing.T) {
	asks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(407) }))
	defer asks.Close()
	forbids := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }))
	defer forbids.Close()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	untrusted.Config.ErrorLog = silent
	for name, test := range map[string]struct {
		proxy, url, want, variable string
		temporary                  bool
	}{
		"asks, for https":  {asks.URL, "https://api.test", "the proxy answered 407 Proxy Authentication Required", "HTTPS_PROXY", false},
		"asks, for http":   {asks.URL, "http://api.test", "the proxy answered 407 Proxy Authentication Required", "HTTP_PROXY", false},
		"forbids":          {forbids.URL, "https://api.test", "the proxy answered 403 Forbidden", "HTTPS_PROXY", false},
		"is not there":     {"http://127.0.0.1:1", "https://api.test", "the proxy cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused", "HTTPS_PROXY", true},
		"is not there too": {"http://127.0.0.1:1", "http://api.test", "the proxy cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused", "HTTP_PROXY", true},
		"has no such name": {"http://" + testnet.NoSuchHost, "https://api.test", "no such host", "HTTPS_PROXY", false},
		"is not trusted":   {untrusted.URL, "https://api.test", "the proxy cannot be reached: no TLS connection: tls: failed to verify certificate", "HTTPS_PROXY", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestClient(t, test.url, WithClock(newFakeClock()))
			proxied(t, c, strings.Replace(test.proxy, "://", "://user:secret@", 1))
			_, err := c.Session(nil).Page(t.Context(), Query{})
			proxy := wantError[*ProxyError](t, err, test.want)
			if proxy != nil && (proxy.Variable != test.variable || temporary(err) != test.temporary) {
				t.Errorf("%s, temporary %t; want %s, %t", proxy.Variable, temporary(err), test.variable, test.temporary)
			}
		})
	}
}
