package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestStopsWhenToldTo(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			api := newAPI(t)
			exporter := startExporter(t, []string{aKey}, "--api.url="+api.URL, "--scrape.min-interval=0")
			url := exporter.url()
			if code, body := get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
				t.Fatalf("%d, or no empirical_up 1 in:\n%s", code, body)
			}

			// A scrape in flight, which the API holds up, is let end.
			remove := api.Inject(apitest.HangBeforeHeaders())
			defer remove()
			api.ResetRequests()
			inFlight := make(chan int)
			go func() {
				code, _ := get(t, url+"/metrics", timeoutHeader, "2")
				inFlight <- code
			}()
			eventually(t, "the scrape waits for the API", func() bool { return api.CountRequests() > 0 })
			exporter.signal(signal)
			eventually(t, "the exporter no longer listens", func() bool {
				connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err == nil {
					_ = connection.Close()
				}
				return err != nil
			})
			if code := <-inFlight; code != http.StatusOK {
				t.Errorf("the scrape in flight got %d, want 200", code)
			}
			if code := exporter.exitCode(); code != 0 {
				t.Errorf("exit code %d, want 0; log:\n%s", code, exporter.stderr)
			}
		})
	}
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	entered := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // until it is cut off
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop, tell := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- serve(stop, server, 50*time.Millisecond, log.NewNopLogger(), func() error { return server.Serve(listener) })
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
	tell()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("serve: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the shutdown still waits for a request that has no end")
	}
	if err := <-cut; err == nil {
		t.Error("the request that had no end got an answer")
	}
}

func TestServeTellsWhyItCannot(t *testing.T) {
	broken := errors.New("broken")
	err := serve(t.Context(), &http.Server{ReadHeaderTimeout: patience}, time.Second, log.NewNopLogger(), func() error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
