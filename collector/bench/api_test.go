package bench

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const apiVariable = "BENCH_API" // makes this test binary the API of a benchmark

// api is what the API of a benchmark holds and how it answers.
type api struct {
	projects     int // 0 is 1
	runs, groups int // of each project
	state        bool
	latency      time.Duration
	past         time.Duration // how far back runs go; 0 is the default lookback, nearly
}

// keyOf is the API key of one of the projects.
func keyOf(project int) string { return fmt.Sprint("the-key-of-", project) }

func TestMain(m *testing.M) {
	if settings, ok := os.LookupEnv(apiVariable); ok {
		serveAPI(settings)
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// serveAPI serves until standard input ends, which it does with the benchmark.
func serveAPI(settings string) {
	var a api
	if _, err := fmt.Sscan(settings, &a.projects, &a.runs, &a.groups, &a.state, &a.latency, &a.past); err != nil {
		panic(err)
	}
	server := apitest.NewServer()
	defer server.Close()
	server.SetState(a.state)
	server.SetLatency(a.latency)
	now := time.Now()
	past := cmp.Or(a.past, collector.DefaultConfig().Lookback-time.Hour)
	for i := range max(1, a.projects) {
		runs := synth.Bulk(uint64(i+1), a.runs, a.groups, now.Add(-past), now)
		server.AddProject(fmt.Sprint("shop-", i), keyOf(i)).AddAll(runs)
	}
	_, _ = fmt.Fprintln(os.Stdout, server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// start starts the API and returns its URL.
func (a api) start(b *testing.B) string {
	b.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), apiVariable+"="+strings.Join([]string{
		strconv.Itoa(a.projects), strconv.Itoa(a.runs), strconv.Itoa(a.groups), strconv.FormatBool(a.state), strconv.Itoa(int(a.latency)), strconv.Itoa(int(a.past)),
	}, " "))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}
