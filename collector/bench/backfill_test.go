package bench

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/backfill"
)

// BenchmarkBackfill writes the past of 65 groups in steps of 5 minutes, compressed
// and not. The goal is 5 minutes of CPU and 500 MiB for the largest.
func BenchmarkBackfill(b *testing.B) {
	const day = 24 * time.Hour
	for _, size := range []struct {
		days, runs int
		gzip       bool
	}{{9, 10_000, false}, {90, 10_000, false}, {90, 100_000, false}, {90, 100_000, true}} {
		b.Run(fmt.Sprintf("days=%d/runs=%d/gzip=%t", size.days, size.runs, size.gzip), func(b *testing.B) {
			past := time.Duration(size.days) * day
			config := collector.DefaultConfig()
			key := collector.Key{Name: "shop", Client: newClient(b, api{runs: size.runs, groups: 65, state: true, past: past + config.Lookback}.start(b), 0)}
			plan := backfill.Plan{Since: past, Step: 5 * time.Minute, Output: "-", Labels: []backfill.Label{{Name: "job", Value: "empirical_exporter"}, {Name: "instance", Value: "localhost:10071"}}}
			if size.gzip {
				plan.Output = filepath.Join(b.TempDir(), "past.om.gz")
			}
			var report bytes.Buffer
			began := cpu(b)
			for b.Loop() {
				if err := backfill.Run(b.Context(), []collector.Key{key}, config, plan, backfill.Streams{Stdout: io.Discard, Report: &report, Now: time.Now}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				plan.Output = strings.Replace(plan.Output, "past", "past-too", 1) // else it is there already
				b.StartTimer()
			}
			b.ReportMetric((cpu(b)-began).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(samplesOf(b, report.String()), "samples")
			b.ReportMetric(resident(b), "MiB-resident")
		})
	}
}

var wroteSamples = regexp.MustCompile(`^wrote ([\d,]+) samples`)

func samplesOf(b *testing.B, report string) float64 {
	b.Helper()
	match := wroteSamples.FindStringSubmatch(report)
	if match == nil {
		b.Fatalf("no samples in %q", report)
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(match[1], ",", ""), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
