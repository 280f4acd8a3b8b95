package prometheus_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// pastBed is a project that has lived for some days, an exporter of it, and a
// Prometheus server that scrapes it.
type pastBed struct {
	binary, api string
	exporter    string // address
	dir         string
	prometheus  server
}

func newPastBed(t *testing.T) *pastBed {
	t.Helper()
	binary, err := testproc.BuildExporter(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	api := apitest.NewServer()
	t.Cleanup(api.Close)
	now := time.Now()
	synth.New(api.AddProject("checkout", "the-key"), now.AddDate(0, 0, -4), synth.Options{Seed: 1, RunsPerDay: 50, Branches: 2}).Advance(now)
	return &pastBed{binary: binary, api: api.URL, dir: t.TempDir(), exporter: testproc.MustFreeAddress(t)}
}

func (b *pastBed) command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(b.binary, append(arguments, "--api.url="+b.api, "--runs.lookback=1d", "--runs.window=1d")...)
	command.Env = append(os.Environ(), "EMPIRICALRUN_KEY=the-key")
	return command
}

var wrote = regexp.MustCompile(`^wrote ([\d,]+) samples `)

// backfill writes the past, and returns how many samples it has.
func (b *pastBed) backfill(t *testing.T, output string) float64 {
	t.Helper()
	command := b.command(t, "backfill", "--since=9h", "--output="+b.dir+"/"+output,
		"--label=job=empirical_exporter", "--label=instance="+b.exporter)
	text, err := command.CombinedOutput()
	match := wrote.FindSubmatch(text)
	if err != nil || match == nil {
		t.Fatalf("%v: %s", err, text)
	}
	samples, err := strconv.ParseFloat(string(bytes.ReplaceAll(match[1], []byte(","), nil)), 64)
	if err != nil || samples < 1000 {
		t.Fatalf("%v samples, %v", samples, err)
	}
	return samples
}

// startPrometheus starts the server on what it had before.
func (b *pastBed) startPrometheus(t *testing.T) (stop func()) {
	t.Helper()
	config, address := filepath.Join(b.dir, "prometheus.yml"), testproc.MustFreeAddress(t)
	write(t, config, "global: {scrape_interval: 1s}\nscrape_configs: [{job_name: empirical_exporter, static_configs: [{targets: ['"+b.exporter+"']}]}]\n")
	process := start(t, address, testproc.MustTool(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(b.dir, "data"), "--web.listen-address="+address)
	b.prometheus = server(address)
	return process.Stop
}

// pastSamples counts the samples of the past.
func (s server) pastSamples(t *testing.T) (n float64) {
	t.Helper()
	for _, m := range collector.Metrics() {
		if m.Type == "gauge" {
			n += s.value(t, "sum(count_over_time("+m.Name+"[10h] offset 2h)) or vector(0)")
		}
	}
	return n
}

// value returns the one value that an expression has.
func (s server) value(t *testing.T, expr string) float64 {
	t.Helper()
	result := s.query(t, expr)
	if len(result) != 1 {
		t.Fatalf("%d results of %s, want 1", len(result), expr)
	}
	return result[0].Value.value
}

// TestBackfill_Prometheus loads a past into the storage of a server that runs, and
// that is restarted then.
func TestBackfill_Prometheus(t *testing.T) {
	b := newPastBed(t)
	testproc.MustStart(t, b.command(t, "--web.listen-address="+b.exporter))
	stop := b.startPrometheus(t)
	await(t, "scrapes", func() bool { return b.prometheus.holds(t, `count_over_time(up[1m]) >= 3 and on () empirical_up == 1`) })
	scraped := time.Now()

	samples := b.backfill(t, "past/")
	if once := b.backfill(t, "past.om"); once != samples {
		t.Fatalf("%v samples in a file and %v in a directory", once, samples)
	}
	promtool := testproc.MustTool(t, "promtool")
	for _, path := range files(t, filepath.Join(b.dir, "past", "*.om")) {
		run(t, promtool, "tsdb", "create-blocks-from", "openmetrics", "-q", path, filepath.Join(b.dir, "data"))
	}
	stop()
	stop = b.startPrometheus(t)
	if got := b.prometheus.pastSamples(t); got != samples {
		t.Errorf("%v samples of the past, want %v", got, samples)
	}
	// What was scraped before is still there, and goes on as the same series.
	at := "@" + strconv.FormatInt(scraped.Unix()+1, 10)
	if got := b.prometheus.value(t, "count_over_time(up[1m] "+at+")"); got < 3 {
		t.Errorf("%v scrapes from before are left", got)
	}
	await(t, "another scrape", func() bool { return b.prometheus.holds(t, "timestamp(up) > "+strconv.FormatInt(scraped.Unix(), 10)) })
	const series = `empirical_recent_runs{branch="main"}`
	if b.prometheus.holds(t, series+" unless "+series+" offset 4h") || !b.prometheus.holds(t, series+" and "+series+" offset 4h") {
		t.Error("a series of now is another one in the past")
	}

	stop()

	// The one file makes the same blocks, which overlap with those that are there.
	run(t, promtool, "tsdb", "create-blocks-from", "openmetrics", "-q", filepath.Join(b.dir, "past.om"), filepath.Join(b.dir, "data"))
	b.startPrometheus(t)
	if got := b.prometheus.pastSamples(t); got != samples {
		t.Errorf("%v samples once the past has been loaded twice, want %v", got, samples)
	}
}

// TestBackfill_VictoriaMetrics imports a compressed past.
func TestBackfill_VictoriaMetrics(t *testing.T) {
	b := newPastBed(t)
	samples := b.backfill(t, "past.om.gz")
	address := testproc.MustFreeAddress(t)
	process := testproc.MustStart(t, exec.Command(testproc.MustTool(t, "victoria-metrics"), "-httpListenAddr="+address, "-storageDataPath="+b.dir))
	if err := process.AwaitURL(t.Context(), "http://"+address+"/health"); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(b.dir, "past.om.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/api/v1/import/prometheus", file)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Encoding", "gzip")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", response, err)
	}
	response.Body.Close()
	await(t, "all samples of the past", func() bool { return server(address).pastSamples(t) == samples })
}
