package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

func TestServe_EndsWithASignal(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			api := newAPI(t)
			exporter := startExporter(t, []string{secretKey}, "--api.url="+api.URL, "--scrape.min-interval=0")
			url := listenURL(t, exporter)
			if code, body := testproc.Get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
				t.Fatalf("%d, or no empirical_up 1 in:\n%s", code, body)
			}

			// A scrape that waits for the API may still end.
			remove := api.Inject(apitest.HangBeforeHeaders())
			defer remove()
			api.ResetRequests()
			inFlight := make(chan int)
			go func() {
				code, _ := testproc.Get(t, url+"/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "2")
				inFlight <- code
			}()
			testproc.Eventually(t, testproc.Timeout, "the scrape waits for the API", func() bool { return api.CountRequests() > 0 })
			if err := exporter.Signal(signal); err != nil {
				t.Fatal(err)
			}
			testproc.Eventually(t, testproc.Timeout, "the exporter no longer listens", func() bool {
				connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err == nil {
					_ = connection.Close()
				}
				return err != nil
			})
			if code := <-inFlight; code != http.StatusOK {
				t.Errorf("the scrape in flight got %d, want 200", code)
			}
			wantCleanExit(t, exporter)
		})
	}
}

func TestServe_SurvivesSIGHUP(t *testing.T) {
	exporter := startExporter(t, []string{secretKey}, "--api.url="+newAPI(t).URL)
	url := listenURL(t, exporter)
	if err := exporter.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if code, _ := testproc.Get(t, url+"/metrics"); code != http.StatusOK {
		t.Errorf("%d after SIGHUP, want 200", code)
	}
	if err := exporter.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wantCleanExit(t, exporter) // -1 where SIGHUP has ended it
}

// What a client may hold up is bounded, whatever it sends.
func TestServe_BoundsItsClients(t *testing.T) {
	api := newAPI(t)
	exporter := startExporter(t, []string{secretKey}, "--api.url="+api.URL)
	url := listenURL(t, exporter)
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
			if err := connection.SetDeadline(time.Now().Add(testproc.Timeout)); err != nil {
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
