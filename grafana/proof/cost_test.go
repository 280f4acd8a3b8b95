package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// A large installation: so many projects, each with so many groups.
const (
	largeProjects = 50
	largeGroups   = 56
)

// mostSamples is what a query may cost: the samples that Prometheus looks at in all steps of a graph. The time that it
// takes is only reported, because it depends on what else the machine does.
const mostSamples = 10_000_000

// TestQueries_Cost asks all that the dashboards ask of a Prometheus that has watched a large installation for weeks, with
// every project chosen.
func TestQueries_Cost(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(cancel)
	p := startLarge(ctx, t)
	for _, d := range everyDashboard(t) {
		choice := choices(ctx, t, p, d)["all"]
		choice["window"] = "7d"
		t.Run(d.File, func(t *testing.T) {
			lines := map[string]int{}
			for _, query := range d.Queries() {
				if query.Annotation {
					query.Panel.MaxDataPoints = 100 // Grafana asks for few
				}
				lines[query.Panel.Title] += checkCost(ctx, t, p, d, query, choice)
			}
			for _, panel := range d.Panels {
				if panel.Type == "timeseries" && lines[panel.Title] > mostLines {
					t.Errorf("panel %q draws %d lines", panel.Title, lines[panel.Title])
				}
			}
		})
	}
}

// mostLines is how many lines a reader can tell apart on a graph.
const mostLines = 12

// checkCost asks a query and returns how many series it finds.
func checkCost(ctx context.Context, t *testing.T, p *Prometheus, d Dashboard, query Query, choice map[string]string) int {
	t.Helper()
	span := rangeOf(t, d)
	step := max(span/time.Duration(max(query.Panel.MaxDataPoints, 1)), scrapeEvery)
	if least, err := model.ParseDuration(query.Panel.Interval); err == nil {
		step = max(step, time.Duration(least))
	}
	values := maps.Clone(choice)
	maps.Copy(values, map[string]string{
		"__range": model.Duration(span).String(), "__interval": step.String(), "__rate_interval": max(step+scrapeEvery, 4*scrapeEvery).String(),
	})
	expr, err := Fill(query.Expr, values)
	if err != nil {
		t.Fatal(err)
	}
	before, began := p.cpu(t), time.Now()
	series, samples, err := p.costOf(ctx, expr, query.Instant, began, span, step)
	took := time.Since(began)
	t.Logf("%8.0f ms CPU, %8d ms, %12d samples: %s", 1000*(p.cpu(t)-before), took.Milliseconds(), samples, query.Where)
	if err != nil || samples > mostSamples {
		t.Errorf("%s looks at %d samples, want %d at most (%v)\n%s", query.Where, samples, mostSamples, err, expr)
	}
	return series
}

// rangeOf returns the time range that a dashboard opens with.
func rangeOf(t *testing.T, d Dashboard) time.Duration {
	t.Helper()
	span, err := model.ParseDuration(strings.TrimPrefix(d.Time.From, "now-"))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(span)
}

// cpu returns how many seconds the server has worked so far.
func (p *Prometheus) cpu(t *testing.T) float64 {
	t.Helper()
	_, body := testproc.Get(t, p.URL+"/metrics")
	_, after, _ := strings.Cut(body, "\nprocess_cpu_seconds_total ")
	text, _, _ := strings.Cut(after, "\n")
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seconds
}

// costOf asks a query, over a time range where it is one for a graph, and returns how many series it finds and how many
// samples Prometheus looked at.
func (p *Prometheus) costOf(ctx context.Context, expr string, instant bool, now time.Time, span, step time.Duration) (series int, samples int64, err error) {
	parameters, endpoint := url.Values{"query": {expr}, "stats": {"true"}}, "query"
	if !instant {
		endpoint = "query_range"
		parameters.Set("start", strconv.FormatInt(now.Add(-span).Unix(), 10))
		parameters.Set("end", strconv.FormatInt(now.Unix(), 10))
		parameters.Set("step", strconv.FormatFloat(step.Seconds(), 'f', -1, 64))
	}
	var answer struct {
		Result []json.RawMessage
		Stats  struct {
			Samples struct{ TotalQueryableSamples int64 }
		}
	}
	err = p.get(ctx, endpoint, parameters, &answer)
	return len(answer.Result), answer.Stats.Samples.TotalQueryableSamples, err
}

// startLarge starts a Prometheus on the past of a large installation.
func startLarge(ctx context.Context, t *testing.T) *Prometheus {
	t.Helper()
	now, directory := time.Now(), t.TempDir()
	past := newLargePast(now)
	add := func(set map[string]string, value float64) {
		if err := past.add(set, value); err != nil {
			t.Fatal(err)
		}
	}
	families, err := largeScrape(ctx, t, now).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for set, value := range samples(family) {
			add(set, value)
		}
	}
	for _, set := range ofOthers() {
		add(set, 1)
	}
	t.Logf("%d series", len(past.series))
	if err := past.write(ctx, filepath.Join(directory, dataDirectory)); err != nil {
		t.Fatal(err)
	}
	p, err := startPrometheus(ctx, Config{Directory: directory, Address: testproc.MustFreeAddress(t), Past: Past{Step: time.Hour}}, map[string]string{"prometheus.yml": ""})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	if err := p.AwaitResult(ctx, "count(empirical_up)"); err != nil {
		t.Fatal(err)
	}
	return p
}

// largeScrape returns an exporter that has read all projects once.
func largeScrape(ctx context.Context, t *testing.T, now time.Time) prometheus.Gatherer {
	t.Helper()
	server := apitest.NewServer(apitest.WithClock(func() time.Time { return now }))
	t.Cleanup(server.Close)
	var keys []collector.Key
	for number, made := range madeUpProjects(largeProjects) {
		server.AddProject(made.slug, "key-of-"+made.slug).AddAll(synth.Bulk(uint64(number), 10*largeGroups, largeGroups, now.Add(-7*day), now))
		client, err := apiclient.New(server.URL, apiclient.KeyText("key-of-"+made.slug, "the fake API"), apiclient.WithMaxRate(0))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, collector.Key{Name: made.slug, Client: client, Settings: collector.Settings{Team: made.team}})
	}
	exporter := collector.New(keys, collector.DefaultConfig(), collector.WithClock(func() time.Time { return now }))
	t.Cleanup(exporter.Close)
	exporter.Refresh(ctx)
	registry := prometheus.NewRegistry()
	if err := registry.Register(exporter); err != nil {
		t.Fatal(err)
	}
	return registry
}

// ofOthers are series that no scrape of the collector has: of tests, of alerts, and those that every target has.
func ofOthers() []map[string]string {
	var all []map[string]string
	series := func(name string, pairs ...string) {
		set := map[string]string{"__name__": name, "job": job, "instance": instance, "cluster": cluster}
		for i := 0; i < len(pairs); i += 2 {
			set[pairs[i]] = pairs[i+1]
		}
		all = append(all, set)
	}
	for _, made := range madeUpProjects(largeProjects) {
		for test := range 40 { // --tests.top is 20, of two lists
			labels := []string{"project", made.slug, "test_case_id", fmt.Sprint(test), "test_name", fmt.Sprintf("Test %d", test), "file_path", "tests/a.spec.ts", "playwright_project", "chromium"}
			series("empirical_test_case_last_run_timestamp_seconds", labels...)
			for _, outcome := range []string{"passed", "failed", "flaky"} {
				series("empirical_test_case_runs", append(labels, "window", "7d", "outcome", outcome)...)
			}
		}
		for _, severity := range []string{"warning", "critical"} {
			labels := []string{"alertname", "EmpiricalMadeUp", "severity", severity, "project", made.slug, "team", made.team}
			series("ALERTS_FOR_STATE", labels...)
			series("ALERTS", append(labels, "alertstate", "firing")...)
		}
	}
	for _, name := range byPrometheus {
		series(name)
	}
	for name := range byLibraries {
		series(name)
	}
	return all
}
