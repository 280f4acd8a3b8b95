package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// A client that sends its headers slowly is cut off, with the server's own
// limit shortened so that the test need not wait for it.
func TestServer_CutsOffSlowHeaders(t *testing.T) {
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
	if err := connection.SetReadDeadline(time.Now().Add(testproc.Timeout)); err != nil {
		t.Fatal(err)
	}
	if n, err := connection.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("%d bytes, %v; want the connection closed", n, err)
	}
}

func TestServe_ShutdownHasATimeout(t *testing.T) {
	entered := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: testproc.Timeout, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // until it is cut off
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, server, 50*time.Millisecond, log.NewNopLogger(), func() error { return server.Serve(listener) })
	}()
	cut := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err == nil {
			_ = response.Body.Close()
		}
		cut <- err
	}()
	<-entered
	stop()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("serve: %v", err)
		}
	case <-time.After(testproc.Timeout):
		t.Fatal("the shutdown still waits for a request that has no end")
	}
	if err := <-cut; err == nil {
		t.Error("the request that had no end got an answer")
	}
}

func TestServe_ReturnsTheErrorOfListening(t *testing.T) {
	broken := errors.New("broken")
	err := serve(t.Context(), &http.Server{ReadHeaderTimeout: testproc.Timeout}, time.Second, log.NewNopLogger(), func() error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}

func TestServe_AddressIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = Serve(t.Context(), http.NotFoundHandler(), log.NewNopLogger(), func(*http.Server) error {
		_, err := net.Listen("tcp", taken.Addr().String())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "address already in use; free the address or name another with --web.listen-address") {
		t.Errorf("%v", err)
	}
}
