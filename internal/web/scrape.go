package web

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"
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
}

var _ http.Handler = (*scrape)(nil)

// ServeHTTP implements http.Handler.
func (s *scrape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.refresh(r)
	s.metrics.ServeHTTP(w, r)
}

// refresh asks for a refresh even where there is no time to wait for it. The
// next scrape will find it done.
func (s *scrape) refresh(r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout(r.Header)-s.offset)
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
