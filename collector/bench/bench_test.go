package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

var sizes = []int{1_000, 10_000, 100_000, 1_000_000}

// BenchmarkColdRefresh reads 10,000 runs with a latency of 100 ms. The floor is
// what page 1 and then 99 pages eight at a time must take.
func BenchmarkColdRefresh(b *testing.B) {
	const floor = 14 * 100 * time.Millisecond
	url := api{runs: 10_000, groups: 200, state: true, latency: 100 * time.Millisecond}.start(b)
	b.Run("exporter", func(b *testing.B) {
		var read float64
		for b.Loop() {
			e := newExporter(b, url, 1)
			e.Refresh(b.Context())
			b.StopTimer()
			read += requests(b, e)
			b.StartTimer()
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/floor.Seconds(), "×floor")
		b.ReportMetric(read/float64(b.N), "requests/op")
	})
	b.Run("plain", func(b *testing.B) {
		client := newClient(b, url, 0)
		for b.Loop() {
			scrapePlainly(b, client)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/floor.Seconds(), "×floor")
	})
}

// BenchmarkWarmRefresh refreshes what is held already, nothing being new.
func BenchmarkWarmRefresh(b *testing.B) {
	for _, state := range []bool{true, false} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("state=%t/runs=%d", state, n), func(b *testing.B) {
				e := newExporter(b, api{runs: n, groups: 200, state: state}.start(b), 1)
				refreshed(b, e)
				before := requests(b, e)
				b.ReportAllocs()
				began := cpu(b)
				b.ResetTimer()
				for b.Loop() {
					e.Refresh(b.Context())
				}
				report(b, began)
				b.ReportMetric((requests(b, e)-before)/float64(b.N), "requests/op")
				b.ReportMetric(resident(b), "MiB-resident")
			})
		}
	}
	b.Run("plain/runs=10000", func(b *testing.B) {
		client := newClient(b, api{runs: 10_000, groups: 200, state: true}.start(b), 0)
		b.ReportAllocs()
		began := cpu(b)
		for b.Loop() {
			scrapePlainly(b, client)
		}
		report(b, began)
	})
}

// plainScrape is an exporter as one would write it in an afternoon: it reads
// every page at each scrape and counts runs by group and state.
func plainScrape(ctx context.Context, client *apiclient.Client) (counts map[[3]string]int, err error) {
	counts = map[[3]string]int{}
	for page, err := range client.Session(nil).Pages(ctx, apiclient.Query{IntervalInDays: 9}) {
		if err != nil {
			return nil, err
		}
		for _, run := range page.Runs {
			counts[[3]string{run.Branch, run.EnvironmentSlug, string(run.State)}]++
		}
	}
	return counts, nil
}

func scrapePlainly(b *testing.B, client *apiclient.Client) {
	b.Helper()
	if counts, err := plainScrape(b.Context(), client); err != nil || len(counts) == 0 {
		b.Fatalf("the plain exporter read %d figures and ended with %v", len(counts), err)
	}
}

// refreshed reads everything and makes sure that it worked.
func refreshed(b *testing.B, e *collector.Exporter) {
	b.Helper()
	e.Refresh(b.Context())
	for _, status := range e.Status() {
		if status.Err != nil || status.Runs == 0 {
			b.Fatalf("the cold refresh of %s ended with %v and %d runs", status.Key, status.Err, status.Runs)
		}
	}
}
