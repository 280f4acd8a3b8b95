package collector_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A refresh that takes longer than a snapshot may be old reads nothing that can
// be shown. It says so, and the next one builds on it.
func TestRefresh_SlowerThanMaxStaleness(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		tb.project.AddAll(endedRuns(350, tb.clock.Now(), time.Minute))
		tb.start()
		for i, took := range []time.Duration{tb.config.MaxStaleness + time.Second, -tb.config.MaxStaleness - time.Second, tb.config.MaxStaleness} {
			slow := took.Abs() > tb.config.MaxStaleness
			var once sync.Once
			tb.api.OnRequest(func(apitest.Request) { once.Do(func() { tb.skew.Add(int64(took)) }) })
			tb.addNew(1)
			tb.scrape()
			tb.wantSample("empirical_up", labels{"key": testedKey}, boolToFloat(!slow))
			bad, others := tb.log.take()
			if !slow {
				tb.wantAll("not slower than allowed")
				continue
			}
			if shown := tb.shown.runGauges(); len(shown) != 0 {
				t.Errorf("%d run gauges, want none", len(shown))
			}
			tb.wantSample("empirical_exporter_refresh_failures_total", labels{"reason": "timeout"}, float64(i+1))
			if line := strings.Join(bad, "\n"); len(bad) != 1 || !strings.Contains(line, "--scrape.max-staleness=5m") || !strings.Contains(line, "--api.max-rate") {
				t.Errorf("logged %q, want one line that says what to change", bad)
			}
			if strings.Contains(strings.Join(others, "\n"), "up to date") {
				t.Errorf("logged %q though nothing is shown", others)
			}
			if i == 0 {
				tb.wantRequests("the next refresh", requests{byItem: 1, byList: 8})
				tb.log.take()
			}
		}
	})
}
