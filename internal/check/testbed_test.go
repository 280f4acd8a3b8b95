package check

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/version"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

var update = flag.Bool("update", false, "write the golden reports anew")

func TestMain(m *testing.M) {
	version.Version = "1.2.3"
	os.Exit(m.Run())
}

const secret = "very_secret_key"

var noon = time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// testbed is an API with one project, and what a check of it is told.
type testbed struct {
	*testing.T
	api     *apitest.Server
	project *apitest.Project
	url     string // of the API, or of what stands before it
	keys    []string
	options []apiclient.Option
	config  collector.Config
	output  Output
}

func newTestbed(t *testing.T, options ...apitest.Option) *testbed {
	t.Helper()
	api := apitest.NewServer(append(options, apitest.WithClock(atNoon))...)
	t.Cleanup(api.Close)
	project := api.AddProject("checkout", secret)
	project.SetName("Checkout")
	project.SetRepoName("acme/checkout-tests")
	return &testbed{
		T: t, api: api, project: project, url: api.URL, keys: []string{"default"},
		config: collector.DefaultConfig(), output: Output{Now: atNoon},
	}
}

// live fills the project with ten days of believable runs.
func (tb *testbed) live(options synth.Options) {
	options.Seed, options.RunsPerDay, options.Branches = 7, 40, 2
	start := noon.AddDate(0, 0, -10)
	synth.New(tb.project, start, options).Advance(noon)
}

// newKeys returns the keys to check.
func (tb *testbed) newKeys() []collector.Key {
	tb.Helper()
	var keys []collector.Key
	for _, name := range tb.keys {
		client, err := apiclient.New(tb.url, apiclient.KeyText(secret, "the test"),
			append([]apiclient.Option{apiclient.WithMaxRate(0)}, tb.options...)...)
		if err != nil {
			tb.Fatal(err)
		}
		keys = append(keys, collector.Key{Name: name, Client: client})
	}
	return keys
}

// check returns the report and whether nothing must be put right.
func (tb *testbed) check() (report string, ok bool) {
	tb.Helper()
	var text bytes.Buffer
	tb.output.Report = &text
	ok, err := Run(tb.Context(), tb.newKeys(), tb.config, tb.output)
	if err != nil {
		tb.Fatal(err)
	}
	if strings.Contains(text.String(), secret) {
		tb.Errorf("the key is in the report:\n%s", text.String())
	}
	for _, run := range tb.project.Runs() {
		if run.Commit != nil && strings.Contains(text.String(), *run.Commit) {
			tb.Errorf("the commit %s is in the report:\n%s", *run.Commit, text.String())
		}
	}
	return text.String(), ok
}

// unsteady are the parts of a report that no clock fixes, and what stands for them
// in the golden reports.
var unsteady = []struct {
	part *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`median [\d.]+ m?s, slowest [\d.]+ m?s`), "median 12 ms, slowest 34 ms"},
	{regexp.MustCompile(`_latency": [\d.e-]+`), `_latency": 0.012`},
	{regexp.MustCompile(`"platform": "[^"]+"`), `"platform": "linux/amd64"`},
	{regexp.MustCompile(`"revision": "[^"]+"`), `"revision": "0123abc"`},
}

// wantGolden compares a report with the one in a file, or writes it.
func (tb *testbed) wantGolden(name, report string) {
	tb.Helper()
	for _, u := range unsteady {
		report = u.part.ReplaceAllString(report, u.by)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(report), 0o600); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(report, "\n")); diff != "" {
		tb.Errorf("%s, run with -update if the report is meant to differ (-want +got):\n%s", path, diff)
	}
}
