package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
)

// What a client may hold up is bounded, whatever it sends.
func TestServerBoundsItsClients(t *testing.T) {
	api := newAPI(t)
	exporter := startExporter(t, []string{keyVariable + "=secret-key"}, "--api.url="+api.URL)
	url := exporter.url()
	for what, test := range map[string]struct {
		request string
		want    string
	}{
		"headers of 100 KiB": {"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		"no HTTP":            {"hello\r\n\r\n", "HTTP/1.1 400 "},
		"another method":     {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 "},
		"a path upwards":     {"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 30"},
		"a profile":          {"GET /debug/pprof/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "},
	} {
		t.Run(what, func(t *testing.T) {
			connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = fmt.Fprint(connection, test.request) }() // the server may not read it all
			status, err := bufio.NewReader(connection).ReadString('\n')
			if err != nil || !strings.HasPrefix(status, test.want) {
				t.Errorf("%q, %v, want %s", status, err, test.want)
			}
		})
	}
}

// A client that sends its headers slowly is cut off, with the server's own
// limit shortened so that the test need not wait for it.
func TestServerCutsOffSlowHeaders(t *testing.T) {
	configured := newServer(http.NotFoundHandler(), log.NewNopLogger())
	if configured.ReadHeaderTimeout <= 0 || configured.IdleTimeout <= 0 || configured.MaxHeaderBytes <= 0 {
		t.Fatalf("a limit is missing: %+v", configured)
	}
	server := httptest.NewUnstartedServer(configured.Handler)
	server.Config = configured
	server.Config.ReadHeaderTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: a\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if n, err := connection.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("%d bytes, %v; want the connection closed", n, err)
	}
}
