package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
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
