package prometheus_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/doctest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// demo is the project of `make demo`, scraped by a Prometheus server with the
// shipped rules.
type demo struct {
	exporter   string // address
	prometheus server
}

// startDemo starts the demo's API with its runs going 200 times as fast, so that
// some finish during the test. Scrapes and rules run every second.
func startDemo(t *testing.T) demo {
	t.Helper()
	dir := t.TempDir()
	fakeapi := filepath.Join(dir, "fakeapi")
	run(t, "go", "build", "-o", fakeapi, "../../apiclient/apitest/fakeapi")
	exporter, err := testproc.BuildExporter(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	api := startAPI(t, fakeapi, "--listen-address=127.0.0.1:0", "--project=checkout", "--key=demo-key", "--speed=200")
	key := filepath.Join(dir, "checkout.key")
	write(t, key, "demo-key")

	d := demo{exporter: testproc.MustFreeAddress(t), prometheus: server(testproc.MustFreeAddress(t))}
	// The unit is given: in a life that goes so fast, durations say nothing about it.
	start(t, d.exporter, exporter, "--api.url="+api, "--api.key-file="+key, "--api.max-rate=0", "--api.duration-unit=seconds",
		"--web.listen-address="+d.exporter, "--scrape.min-interval=100ms", "--runs.zero-hold=1s")
	rules, err := filepath.Abs("rules")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "prometheus.yml")
	write(t, config, replace(t, read(t, "prometheus.yml"),
		"scrape_interval: 1m", "scrape_interval: 1s", "evaluation_interval: 1m", "evaluation_interval: 1s",
		"scrape_timeout: 30s", "scrape_timeout: 1s", "rules/*.yml", rules+"/*.yml", "localhost:10071", d.exporter))
	start(t, string(d.prometheus), testproc.MustTool(t, "prometheus"), "--config.file="+config,
		"--storage.tsdb.path="+dir, "--web.listen-address="+string(d.prometheus))
	return d
}

// startAPI starts fakeapi, waits until it listens, and returns its URL.
func startAPI(t *testing.T, binary string, arguments ...string) string {
	t.Helper()
	api := testproc.MustStart(t, exec.Command(binary, arguments...))
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	found, err := api.AwaitOutput(ctx, regexp.MustCompile(`listening on (\S+)\n`))
	if err != nil {
		t.Fatal(err)
	}
	return found[1]
}

// TestPages runs the queries of the pages against the demo, and counts its series.
func TestPages(t *testing.T) {
	d := startDemo(t)
	t.Run("queries", d.checkQueries)
	t.Run("runbook", d.checkRunbook)
	t.Run("series", d.checkSeries)
}

// threshold is the comparison at the end of a query that looks for trouble.
var threshold = regexp.MustCompile(`\s*(?:==|!=|>=|<=|>|<)\s*[0-9.]+\s*$`)

// checkQueries checks that each block of PromQL in a page is one query and has a
// result. A query that looks for trouble may find none, so it must have a result
// without its threshold.
func (d demo) checkQueries(t *testing.T) {
	pages, err := doctest.Pages("../..")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, page := range pages {
		for _, block := range page.Blocks("promql") {
			blocks++
			if message := d.refuses(t, block); message != "" {
				t.Errorf("%s: %s\n%s", page.Path, message, block)
				continue
			}
			query := threshold.ReplaceAllString(block, "")
			await(t, "a result of "+query, func() bool {
				return slices.ContainsFunc(d.prometheus.query(t, query), func(s series) bool { return !math.IsNaN(s.Value.value) })
			})
		}
	}
	if blocks < 10 {
		t.Errorf("the pages have only %d blocks of PromQL", blocks)
	}
}

// refuses returns the message with which Prometheus refuses a query.
func (d demo) refuses(t *testing.T, query string) string {
	t.Helper()
	response, err := http.Get("http://" + string(d.prometheus) + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Sprintf("Prometheus answers %s", response.Status)
	}
	return ""
}

// checkRunbook checks that each expression in the runbook is a query.
func (d demo) checkRunbook(t *testing.T) {
	expression := regexp.MustCompile(`^(?:(?:group|project):)?empirical[_:]|^(?:time|increase)\(|^up\{`)
	found := 0
	for _, text := range (doctest.Page{Text: read(t, "runbook.md")}).Code() {
		if !expression.MatchString(text) {
			continue
		}
		found++
		if message := d.refuses(t, text); message != "" {
			t.Errorf("%s: %s", message, text)
		}
	}
	if found < 30 {
		t.Errorf("the runbook has only %d expressions", found)
	}
}

// checkSeries compares how many series a group has with what the README says.
func (d demo) checkSeries(t *testing.T) {
	says := regexp.MustCompile(`It has (\d+) to (\d+) series`).FindStringSubmatch(read(t, "../../README.md"))
	if says == nil {
		t.Fatal("the README does not say how many series a group has")
	}
	least, _ := strconv.Atoi(says[1])
	most, _ := strconv.Atoi(says[2])
	lowest, highest := math.MaxInt, 0
	for _, n := range d.seriesOfGroups(t) {
		lowest, highest = min(lowest, n), max(highest, n)
	}
	const slack = 3 // a group has two more for each state in which it has a run now
	if max(lowest-least, least-lowest, highest-most, most-highest) > slack {
		t.Errorf("the README says %d to %d series, groups have %d to %d", least, most, lowest, highest)
	}
}

// seriesOfGroups counts the series of each group with a completed run, in one scrape.
func (d demo) seriesOfGroups(t *testing.T) map[string]int {
	t.Helper()
	response, err := http.Get("http://" + d.exporter + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	group := regexp.MustCompile(`^(empirical_\w+)\{(?:.*,)?(branch="[^"]*"),(?:.*,)?(environment="[^"]*"),(?:.*,)?project="`)
	series, completed := map[string]int{}, map[string]bool{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if found := group.FindStringSubmatch(lines.Text()); found != nil {
			series[found[2]+found[3]]++
			completed[found[2]+found[3]] = completed[found[2]+found[3]] || found[1] == "empirical_last_completed_run_info"
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(series, func(group string, _ int) bool { return !completed[group] })
	return series
}
