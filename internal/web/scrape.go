package web

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

const (
	// timeoutHeader has the timeout of Prometheus, in seconds.
	timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"
	// defaultScrapeTimeout is that of Prometheus, for scrapers without the header.
	defaultScrapeTimeout = 10 * time.Second
	// maxScrapeTimeout keeps a nonsensical header from overflowing.
	maxScrapeTimeout = time.Hour
)

// scrape waits for a refresh as long as the scraper's timeout allows, then
// answers with what is there.
type scrape struct {
	exporter refresher
	offset   time.Duration // before the timeout, to answer in
	metrics  http.Handler
	logger   log.Logger

	// took is how long the last answer took to gather, encode and send. The next
	// one will take about as long, so it is kept free too.
	took atomic.Int64
}

var _ http.Handler = (*scrape)(nil)

// ServeHTTP implements http.Handler.
func (s *scrape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	timeout := scrapeTimeout(r.Header)
	s.refresh(r, timeout)
	if r.Context().Err() != nil {
		return // nobody takes the answer, and no series counts as shown
	}
	// A client that does not read would hold its slot for ever. Where there is no
	// deadline to set, as in a test without a connection, there is no such client.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout))
	began := time.Now()
	whole := newAnswer(r)
	s.metrics.ServeHTTP(whole, r)
	whole.end()
	if err := whole.sendTo(w); err != nil {
		_ = level.Debug(s.logger).Log("msg", "client closed the connection during the scrape", "err", err)
	}
	if took := time.Since(began); took < timeout && r.Context().Err() == nil {
		s.took.Store(int64(took))
	}
}

// refresh asks for a refresh even where there is no time to wait for it. The
// next scrape will find it done.
func (s *scrape) refresh(r *http.Request, timeout time.Duration) {
	wait := timeout - s.offset - time.Duration(s.took.Load())
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	s.exporter.Refresh(ctx)
}

// scrapeTimeout returns the scraper's timeout.
func scrapeTimeout(header http.Header) time.Duration {
	seconds, err := strconv.ParseFloat(header.Get(timeoutHeader), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return defaultScrapeTimeout
	}
	return time.Duration(min(seconds, maxScrapeTimeout.Seconds()) * float64(time.Second))
}
