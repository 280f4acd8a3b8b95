package apiclient

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

// silent is for servers whose clients are meant to fail.
var silent = log.New(io.Discard, "", 0)

func serverConfig(c *testnet.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.Pair}, MinVersion: tls.VersionTLS12}
}

// wantError wants an error of one type, with a text in it and no secret.
func wantError[T error](t *testing.T, err error, text string) T {
	t.Helper()
	found, ok := errors.AsType[T](err)
	if !ok {
		t.Errorf("%v (%T), want a %T", err, err, found)
		return found
	}
	if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v, want %q and no secret", err, text)
	}
	return found
}

// What is wrong with TLS is said at once, after one attempt.
func TestPage_TLSErrors(t *testing.T) {
	secure := func(config *tls.Config) string {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS, server.Config.ErrorLog = config, silent
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.URL
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	old, asksBack := serverConfig(trusted.MustIssue(t, "old")), serverConfig(trusted.MustIssue(t, "asks"))
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	asksBack.ClientAuth = tls.RequireAnyClientCert
	good := secure(serverConfig(trusted.MustIssue(t, "good")))
	for name, test := range map[string]struct{ url, want string }{
		"unknown authority":     {secure(serverConfig(testnet.MustAuthority(t, "unknown").MustIssue(t, "a"))), "unknown authority"},
		"another name":          {secure(serverConfig(trusted.MustIssue(t, "a", testnet.ForOthers))), "cannot validate certificate for 127.0.0.1"},
		"expired":               {secure(serverConfig(trusted.MustIssue(t, "a", testnet.Expired))), "certificate has expired or is not yet valid"},
		"old versions only":     {secure(old), "protocol version"},
		"asks for one of ours":  {secure(asksBack), "certificate required"},
		"https to plain HTTP":   {strings.Replace(plain.URL, "http:", "https:", 1), "HTTP response to HTTPS client"},
		"https to another":      {"https://" + speaker(t, "220 mail.test ESMTP\r\n"), "does not look like a TLS handshake"},
		"http to TLS":           {strings.Replace(good, "https:", "http:", 1), "HTTP request to an HTTPS server"},
		"http to TLS, an alert": {"http://" + speaker(t, "\x15\x03\x01\x00\x02\x02\x46"), "malformed HTTP response"},
	} {
		t.Run(name, func(t *testing.T) {
			attempts := 0
			_, err := newTestClient(t, test.url).Session(func(Attempt) { attempts++ }).Page(t.Context(), Query{})
			_ = wantError[*TLSError](t, err, test.want)
			if attempts != 1 {
				t.Errorf("%d attempts, want 1", attempts)
			}
		})
	}
}

// speaker is a server that says the same to everybody.
func speaker(t *testing.T, text string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 1<<10))
			_, _ = io.WriteString(connection, text)
			_ = connection.Close()
		}
	}()
	return listener.Addr().String()
}

func TestPage_NoSuchHost(t *testing.T) {
	attempts := 0
	c := newTestClient(t, "https://"+testnet.NoSuchHost)
	_, err := c.Session(func(Attempt) { attempts++ }).Page(t.Context(), Query{})
	_ = wantError[*net.DNSError](t, err, "no such host")
	if attempts != 1 {
		t.Errorf("%d attempts, want 1", attempts)
	}
}

func TestPage_HTML(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("\r\n <!DOCTYPE html><p>Sign in"))
	})
	_, err := newTestClient(t, server.URL).Session(nil).Page(t.Context(), Query{})
	if response := wantError[*ResponseError](t, err, "the body: a web page"); response != nil && !response.HTML {
		t.Error("not marked as HTML")
	}
}

func TestIsPlainHTTP(t *testing.T) {
	for message, want := range map[string]bool{
		"Client sent an HTTP request to an HTTPS server.":                                                          true,
		"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>":                      true,
		"Reason: You're speaking plain HTTP to an SSL-enabled server port. Instead use the HTTPS scheme to access": true,
		"interval_in_days must be a number":                                                                        false,
	} {
		if isPlainHTTP(&StatusError{Code: 400, Message: message}) != want || isPlainHTTP(&StatusError{Code: 500, Message: message}) {
			t.Errorf("%q: want %t", message, want)
		}
	}
}
