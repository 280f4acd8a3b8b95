package collector_test

import (
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// TestScrapeNeverWaitsLonger lets the API hang for good. Were a scrape to wait
// for the refresh it began, it would never be answered.
func TestScrapeNeverWaitsLonger(t *testing.T) {
	t.Parallel()
	for what, hangs := range map[string]apitest.Fault{
		"before headers":  apitest.HangBeforeHeaders(),
		"in mid-body":     apitest.StallBody(200),
		"byte after byte": apitest.DripBody(1, 10*time.Second),
		"between retries": apitest.StatusRetryAfter(503, "600"),
	} {
		for _, k := range allKinds() {
			t.Run(what+", "+k.String(), func(t *testing.T) {
				t.Parallel()
				tr := newTrial(t, k, &fault{timeout: time.Hour, waits: true})
				if k.warm {
					tr.noteAll()
					tr.refresh()
					tr.live()
				}
				defer tr.inject(hangs)()
				tr.noteOthers()
				tr.mustAnswerWithin(50*time.Millisecond, 20*time.Second)
				if k.warm {
					tr.mustBe(tr.others(), 1, "empirical_up", "key", faultyName)
				}
				tr.mustBe(tr.others(), truth(k.warm), "empirical_exporter_refreshes_total", "key", faultyName)
			})
		}
	}
}

// mustAnswerWithin scrapes as a scraper does that waits no longer than the
// deadline. The limit leaves a busy machine room; hanging is longer than it.
func (tr *trial) mustAnswerWithin(deadline, limit time.Duration) {
	tr.Helper()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		tr.scrape(deadline)
	}()
	select {
	case <-answered:
	case <-time.After(limit):
		tr.Errorf("a scrape that waits %s is not answered after %s", deadline, limit)
		tr.exporter.Close() // ends the refresh that it waits for
		<-answered
	}
}

func (tr *trial) others() exposition {
	_, others := tr.gather()
	return others
}
