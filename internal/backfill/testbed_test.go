package backfill

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// noon is when what is told of a test's project begins.
var noon = time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)

// testbed is an API with one project, and what is written of its past.
type testbed struct {
	*testing.T
	api      *apitest.Server
	project  *apitest.Project
	now      time.Time
	config   collector.Config
	settings collector.Settings
	plan     Plan
	options  []apiclient.Option // of the client
	report   bytes.Buffer
}

const secret = "very_secret_key"

func newTestbed(t *testing.T, options ...apitest.Option) *testbed {
	t.Helper()
	tb := &testbed{T: t, now: noon, config: collector.DefaultConfig(), plan: Plan{Since: 2 * time.Hour, Step: 10 * time.Minute}}
	tb.plan.Output = filepath.Join(t.TempDir(), "past") + "/"
	tb.api = apitest.NewServer(append(options, apitest.WithClock(tb.clock))...)
	t.Cleanup(tb.api.Close)
	tb.project = tb.api.AddProject("checkout", secret)
	return tb
}

func (tb *testbed) clock() time.Time { return tb.now }

// key returns a key of the project.
func (tb *testbed) key(name, secret string) collector.Key {
	tb.Helper()
	client, err := apiclient.New(tb.api.URL, apiclient.KeyText(secret, "the test"), append(tb.options, apiclient.WithMaxRate(0))...)
	if err != nil {
		tb.Fatal(err)
	}
	return collector.Key{Name: name, Client: client, Settings: tb.settings}
}

// skipWaits lets the client's waits end at once: the time that they should take has
// then passed for it.
func (tb *testbed) skipWaits() {
	tb.options = append(tb.options, apiclient.WithClock(&apitest.SkippingClock{Base: func() time.Time { return noon }}))
}

// run writes the past of some keys, or of the one of the project.
func (tb *testbed) run(keys ...collector.Key) error {
	tb.Helper()
	if len(keys) == 0 {
		keys = append(keys, tb.key("default", secret))
	}
	err := Run(tb.Context(), keys, tb.config, tb.plan, Streams{Stdout: errorWriter{}, Report: &tb.report, Now: tb.clock})
	if text := fmt.Sprint(err, tb.report.String()); strings.Contains(text, secret) {
		tb.Errorf("the key is in %s", text)
	}
	if err != nil {
		tb.wantNothing()
	}
	return err
}

// errorWriter is what must not be written to.
type errorWriter struct{}

// Write implements io.Writer.
func (errorWriter) Write([]byte) (int, error) { return 0, errors.New("something was written here") }

// wantNothing wants that a backfill has left nothing behind.
func (tb *testbed) wantNothing() {
	tb.Helper()
	if left, err := filepath.Glob(filepath.Clean(tb.plan.Output) + "*"); err != nil || len(left) > 0 {
		tb.Errorf("%q is left, %v", left, err)
	}
}

// samples are values by series, at a moment.
type samples map[string]float64

// past writes the past into a directory, and returns what is in it.
func (tb *testbed) past() map[time.Time]samples {
	tb.Helper()
	if err := tb.run(); err != nil {
		tb.Fatal(err)
	}
	all := map[time.Time]samples{}
	for _, path := range tb.files() {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		tb.parse(text, all)
	}
	return all
}

// files are those of the output, by name.
func (tb *testbed) files() []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(tb.plan.Output, "*.om"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("%d files in %s, %v", len(files), tb.plan.Output, err)
	}
	return files
}

// parse reads a document. The parser wants each family to stand together.
func (tb *testbed) parse(text []byte, into map[time.Time]samples) {
	tb.Helper()
	if !bytes.HasSuffix(text, []byte("\n# EOF\n")) {
		tb.Errorf("it does not end with # EOF, but with %q", text[max(0, len(text)-20):])
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	for name, family := range families {
		var last string
		seen := map[string]bool{}
		for _, m := range family.GetMetric() {
			series, at := seriesOf(name, m), time.Unix(m.GetTimestampMs(), 0).UTC() // in seconds, as OpenMetrics has them
			if series != last && seen[series] {
				tb.Errorf("%s stands in two places", series)
			}
			last, seen[series] = series, true
			if into[at] == nil {
				into[at] = samples{}
			}
			if _, twice := into[at][series]; twice {
				tb.Errorf("%s has two samples at %s", series, at)
			}
			into[at][series] = m.GetGauge().GetValue()
		}
	}
}

// seriesOf writes name and labels of a series, the labels by name.
func seriesOf(name string, m *dto.Metric) string {
	labels := make([]string, 0, len(m.GetLabel()))
	for _, l := range m.GetLabel() {
		labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	slices.Sort(labels)
	return name + "{" + strings.Join(labels, ",") + "}"
}

// difference shows some of what differs, nothing where both are equal.
func difference(got, want samples) string {
	var all []string
	for _, series := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got[series]; !ok || value != want[series] {
			all = append(all, fmt.Sprintf("%s: got %v (%t), want %v", series, value, ok, want[series]))
		}
	}
	for _, series := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[series]; !ok {
			all = append(all, fmt.Sprintf("%s: got %v, want none", series, got[series]))
		}
	}
	return strings.Join(all[:min(len(all), 5)], "\n")
}
