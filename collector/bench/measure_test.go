package bench

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

func newClient(b *testing.B, url string) *apiclient.Client {
	b.Helper()
	client, err := apiclient.New(url, apiclient.KeyText(apiKey, "the benchmark"), apiclient.WithMaxRate(0))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.CloseIdle)
	return client
}

// newExporter refreshes at every call, never resyncs and folds nothing; else it
// has the defaults.
func newExporter(b *testing.B, url string) *collector.Exporter {
	b.Helper()
	config := collector.DefaultConfig()
	config.MaxGroups, config.MinInterval = 10_000, 0
	config.ResyncInterval, config.MaxStaleness = 24*time.Hour, 24*time.Hour
	e := collector.New([]collector.Key{{Name: "default", Client: newClient(b, url)}}, config)
	b.Cleanup(e.Close)
	return e
}

// requests returns how many requests the exporter has counted.
func requests(b *testing.B, e *collector.Exporter) float64 {
	b.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	families, err := registry.Gather()
	if err != nil {
		b.Fatal(err)
	}
	var n float64
	for _, family := range families {
		if family.GetName() == "empirical_exporter_api_requests_total" {
			for _, m := range family.GetMetric() {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// cpu is the CPU time that this process has taken.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

var residentLine = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB$`)

// resident is the memory that this process has in use, in MiB.
func resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	match := residentLine.FindStringSubmatch(string(status))
	if match == nil {
		b.Fatal("no VmRSS in /proc/self/status")
	}
	kilobytes, err := strconv.Atoi(strings.TrimSpace(match[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kilobytes) / 1024
}

// report gives the CPU time of one operation, of all since began.
func report(b *testing.B, began time.Duration) {
	b.Helper()
	b.ReportMetric(float64((cpu(b)-began).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}
