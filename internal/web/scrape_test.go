package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

func TestScrapeTimeout(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":      10 * time.Second,
		"10":    10 * time.Second,
		"0.5":   500 * time.Millisecond,
		"120.0": 2 * time.Minute,
		"soon":  10 * time.Second,
		"0":     10 * time.Second,
		"-1":    10 * time.Second,
		"NaN":   10 * time.Second,
		"Inf":   time.Hour,
		"1e300": time.Hour,
	} {
		got := scrapeTimeout(http.Header{timeoutHeader: {header}})
		if got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// refresherFunc is a refresher.
type refresherFunc func(ctx context.Context)

// Refresh implements refresher.
func (f refresherFunc) Refresh(ctx context.Context) { f(ctx) }

func TestScrape_Offset(t *testing.T) {
	for name, test := range map[string]struct {
		timeout string
		offset  time.Duration
		least   time.Duration // of the time to wait
		most    time.Duration
	}{
		"usual":         {"10", 500 * time.Millisecond, 9 * time.Second, 9500 * time.Millisecond},
		"no offset":     {"3", 0, 2 * time.Second, 3 * time.Second},
		"offset equal":  {"1", time.Second, -time.Minute, 0},
		"offset longer": {"1", 2 * time.Second, -time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var asked, served bool
			handler := &scrape{
				logger: log.NewNopLogger(),
				offset: test.offset,
				exporter: refresherFunc(func(ctx context.Context) {
					asked = true
					deadline, ok := ctx.Deadline()
					left := time.Until(deadline)
					if !ok || left < test.least || left > test.most {
						t.Errorf("%s to wait (%v), want %s to %s", left, ok, test.least, test.most)
					}
					if test.most == 0 && ctx.Err() == nil {
						t.Error("waits for a refresh that there is no time for")
					}
				}),
				metrics: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }),
			}
			request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
			request.Header.Set(timeoutHeader, test.timeout)
			handler.ServeHTTP(httptest.NewRecorder(), request)
			if !asked || !served {
				t.Errorf("refresh asked for: %v, metrics served: %v", asked, served)
			}
		})
	}
}

// What it took to answer last is kept free of waiting, so that the answer is in
// time however many series there are.
func TestScrape_KeepsTheTimeToAnswer(t *testing.T) {
	const answering = 300 * time.Millisecond
	var left []time.Duration
	handler := &scrape{
		logger: log.NewNopLogger(),
		offset: 500 * time.Millisecond,
		exporter: refresherFunc(func(ctx context.Context) {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline))
		}),
		metrics: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(answering) }),
	}
	for range 2 {
		request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set(timeoutHeader, "10")
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
	if most := 9500*time.Millisecond - answering; left[0] <= most || left[1] > most {
		t.Errorf("the scrapes wait up to %s, want more than %s and then no more than that", left, most)
	}
}

// A scrape that nobody waits for shows nothing to anybody: held back counters
// must not take it for a sight of their series.
func TestScrape_ClientIsGone(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	served := false
	handler := &scrape{
		logger:   log.NewNopLogger(),
		exporter: refresherFunc(func(context.Context) { hangUp() }),
		metrics:  http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }),
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody))
	if served {
		t.Error("metrics are gathered for a client that has hung up")
	}
}

// A client that asks and never reads must not hold its slot for good.
func TestScrape_CutsOffClientsThatDoNotRead(t *testing.T) {
	more := make([]byte, 64<<10)
	handler := &scrape{
		logger:   log.NewNopLogger(),
		exporter: refresherFunc(func(context.Context) {}),
		metrics: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get(timeoutHeader) == "" {
				return
			}
			for range 1 << 10 { // 64 MiB, more than any buffers between hold
				if _, err := w.Write(more); err != nil {
					return
				}
			}
		}),
	}
	server := httptest.NewServer(limit(1, handler))
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: a\r\n%s: 0.2\r\n\r\n", timeoutHeader); err != nil {
		t.Fatal(err)
	}
	testproc.Eventually(t, 20*time.Second, "the client has the slot", func() bool {
		code, _ := testproc.Get(t, server.URL)
		return code == http.StatusServiceUnavailable
	})
	testproc.Eventually(t, 20*time.Second, "the slot is free again", func() bool {
		code, _ := testproc.Get(t, server.URL)
		return code == http.StatusOK
	})
}
