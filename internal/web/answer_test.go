package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

func TestAnswer(t *testing.T) {
	digits := []byte("0123456789")
	for _, size := range []int{0, 1, len(piece{}) - 1, len(piece{}), len(piece{}) + 1, 5 * len(piece{})} {
		for _, encoding := range []string{"", "gzip"} {
			want := bytes.Repeat(digits, size/len(digits)+1)[:size]
			r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
			r.Header.Set("Accept-Encoding", encoding)
			a := newAnswer(r)
			a.Header().Set("Content-Type", "text/plain")
			a.WriteHeader(http.StatusTeapot)
			for rest := want; len(rest) > 0; {
				n, err := a.Write(rest[:min(70_001, len(rest))])
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			a.end()
			wantAnswer(t, a, encoding, want)
		}
	}
}

func wantAnswer(t *testing.T, a *answer, encoding string, want []byte) {
	t.Helper()
	w := httptest.NewRecorder()
	if err := a.sendTo(w); err != nil {
		t.Fatal(err)
	}
	wantHeader := http.Header{
		"Content-Type": {"text/plain"}, "Vary": {"Accept-Encoding"}, "Content-Length": {strconv.Itoa(w.Body.Len())},
	}
	got := w.Body.Bytes()
	if encoding == "gzip" {
		wantHeader.Set("Content-Encoding", encoding)
		unzipped, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err = io.ReadAll(unzipped); err != nil {
			t.Fatal(err)
		}
	}
	if w.Code != http.StatusTeapot || !maps.EqualFunc(w.Header(), wantHeader, slices.Equal) {
		t.Errorf("%d bytes: status %d, header %v, want %v", len(want), w.Code, w.Header(), wantHeader)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %s: others are sent", len(want), encoding)
	}
}

func TestTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "deflate, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0": false, "zstd,gzip": true,
		"identity": false, "gzipped": false, "gzip;q=often": false,
	} {
		if got := takesGzip(http.Header{"Accept-Encoding": {header}}); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

// A client that asks and does not read must hold up no other scrape.
func TestScrape_SlowClientHoldsUpNobody(t *testing.T) {
	var gathering sync.Mutex
	done := make(chan struct{}, 2)
	handler := &scrape{
		logger:   log.NewNopLogger(),
		exporter: refresherFunc(func(context.Context) {}),
		metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			gathering.Lock()
			defer func() {
				gathering.Unlock()
				done <- struct{}{}
			}()
			_, _ = w.Write(make([]byte, 16<<20)) // more than any buffers between hold
		}),
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: a\r\n%s: 3600\r\n\r\n", timeoutHeader); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(testproc.Timeout):
		t.Fatal("a scrape waits for a client that does not read")
	}
	if code, body := testproc.Get(t, server.URL, timeoutHeader, "3600"); code != http.StatusOK || len(body) != 16<<20 {
		t.Errorf("status %d and %d bytes beside a slow client", code, len(body))
	}
}

// brokenConnection is a client that has hung up.
type brokenConnection struct{ http.ResponseWriter }

func (brokenConnection) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestScrape_ClientHangsUpMeanwhile(t *testing.T) {
	var logged bytes.Buffer
	handler := &scrape{
		logger:   log.NewLogfmtLogger(&logged),
		exporter: refresherFunc(func(context.Context) {}),
		metrics:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, "a 1\n") }),
	}
	handler.ServeHTTP(brokenConnection{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if want := `level=debug msg="client closed the connection during the scrape" err="broken pipe"`; strings.TrimSpace(logged.String()) != want {
		t.Errorf("logged %s, want %s", logged.String(), want)
	}
}
