package bench

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

func newClient(b *testing.B, url string, project int) *apiclient.Client {
	b.Helper()
	client, err := apiclient.New(url, apiclient.KeyText(keyOf(project), "the benchmark"), apiclient.WithMaxRate(0))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.CloseIdle)
	return client
}

// newExporter refreshes the first projects of an API at every call, never resyncs,
// folds nothing and reads no tests; else it has the defaults.
func newExporter(b *testing.B, url string, projects int) *collector.Exporter {
	b.Helper()
	var keys []collector.Key
	for i := range projects {
		keys = append(keys, collector.Key{Name: fmt.Sprint("key-", i), Client: newClient(b, url, i)})
	}
	config := collector.DefaultConfig()
	config.MaxGroups, config.MinInterval, config.Tests.Top = 10_000, 0, 0
	config.ResyncInterval, config.MaxStaleness = 24*time.Hour, 24*time.Hour
	e := collector.New(keys, config)
	b.Cleanup(e.Close)
	return e
}

// requests returns how many requests the exporter has counted.
func requests(b *testing.B, e *collector.Exporter) float64 {
	b.Helper()
	families, done, err := e.Gather()
	defer done()
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
