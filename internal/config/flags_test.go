package config

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// parse reads a command line and validates it, as the exporter does.
func parse(args ...string) (*Config, error) {
	app := kingpin.New("empirical_exporter", "")
	app.DefaultEnvars()
	c := AddFlags(app, []string{"/", "/taken"})
	if _, err := app.Parse(args); err != nil {
		return nil, err
	}
	return c, errors.Join(c.Validate(), c.ValidateServing())
}

var byExpression = cmp.Comparer(func(a, b *regexp.Regexp) bool { return a.String() == b.String() })

func TestFlags_Defaults(t *testing.T) {
	c, err := parse()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(collector.DefaultConfig(), c.Collector, byExpression); diff != "" {
		t.Errorf("not the collector's defaults (-want +got):\n%s", diff)
	}
	if c.TelemetryPath != "/metrics" || c.TimeoutOffset != 500*time.Millisecond || c.MaxRequests != 40 {
		t.Errorf("served at %s, %s before the timeout, %d at once", c.TelemetryPath, c.TimeoutOffset, c.MaxRequests)
	}
	if diff := cmp.Diff([]string{":10071"}, *c.Listen.WebListenAddresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

func TestFlags_Values(t *testing.T) {
	t.Setenv("EMPIRICAL_EXPORTER_RUNS_MAX_GROUPS", "7")
	c, err := parse("--runs.lookback=3d", "--runs.window=2h", "--runs.branch=main", "--runs.keep-branch=develop", "--runs.zero-hold=0", "--runs.resync-interval=5m",
		"--tests.top=5", "--tests.window=336h", "--tests.interval=1m",
		"--scrape.min-interval=1s", "--scrape.max-staleness=1m", "--scrape.timeout-offset=1s",
		"--web.telemetry-path=/probe", "--web.max-requests=0")
	if err != nil {
		t.Fatal(err)
	}
	want := collector.Config{
		Lookback: 72 * time.Hour, Windows: []collector.Window{{Name: "2h", Length: 2 * time.Hour}},
		Branches: regexp.MustCompile("^(?s:main)$"), KeepBranches: regexp.MustCompile("^(?s:develop)$"), MaxGroups: 7, ResyncInterval: 5 * time.Minute,
		MinInterval: time.Second, MaxStaleness: time.Minute,
		Tests: testcases.Config{Top: 5, Window: testcases.Window{Name: "336h", Days: 14}, Interval: time.Minute},
	}
	if diff := cmp.Diff(want, c.Collector, byExpression); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c.TelemetryPath != "/probe" || c.TimeoutOffset != time.Second || c.MaxRequests != 0 {
		t.Errorf("served at %s, %s before the timeout, %d at once", c.TelemetryPath, c.TimeoutOffset, c.MaxRequests)
	}
}

func TestFlags_Refused(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "web.yml")
	badWeb := writeFile(t, "tls_server_config:\n  cert_fil: x\nbasic_auth_user: {}\n")
	for name, test := range map[string]struct {
		arg  string
		want []string // all in the error
	}{
		"bad timeout":             {"--api.timeout=soon", []string{`--api.timeout "soon"`, "30s"}},
		"no timeout":              {"--api.timeout=0", []string{`--api.timeout "0"`, "longer than 0"}},
		"bad concurrency":         {"--api.concurrency=0", []string{`--api.concurrency "0"`, "must be a whole number, 1 or more"}},
		"bad rate":                {"--api.max-rate=NaN", []string{`--api.max-rate "NaN"`, "requests a second"}},
		"bad expression":          {"--runs.branch=(main", []string{`--runs.branch "(main"`, "regular expression", "main|release/.*"}},
		"expression in two parts": {"--runs.branch=a)|(b", []string{"--runs.branch", "regular expression"}},
		"window over lookback":    {"--runs.window=9d", []string{`--runs.window "9d"`, "lookback", "8d"}},
		"window of nothing":       {"--runs.window=0s", []string{`--runs.window "0s"`, "longer than 0"}},
		"no groups":               {"--runs.max-groups=0", []string{`--runs.max-groups "0"`, "1 or more"}},
		"no number of tests":      {"--tests.top=few", []string{`--tests.top "few"`, "must be a whole number, 0 or more"}},
		"too many tests":          {"--tests.top=501", []string{`--tests.top "501"`, "500 or less"}},
		"tests of half a day":     {"--tests.window=12h", []string{`--tests.window "12h"`, "whole days, 1d to 90d"}},
		"tests of no day":         {"--tests.window=0", []string{`--tests.window "0"`, "whole days, 1d to 90d"}},
		"tests of too many days":  {"--tests.window=91d", []string{`--tests.window "91d"`, "whole days, 1d to 90d"}},
		"tests of days and hours": {"--tests.window=1d1h", []string{`--tests.window "1d1h"`, "whole days, 1d to 90d"}},
		"tests of some time":      {"--tests.window=week", []string{`--tests.window "week"`, "not a duration"}},
		"tests all the time":      {"--tests.interval=0", []string{`--tests.interval "0"`, "longer than 0"}},
		"stale before renewed":    {"--scrape.max-staleness=10s", []string{"--scrape.max-staleness", "--scrape.min-interval"}},
		"relative metrics path":   {"--web.telemetry-path=metrics", []string{"--web.telemetry-path", "/metrics"}},
		"taken metrics path":      {"--web.telemetry-path=/taken", []string{"--web.telemetry-path", "already"}},
		"bad scrape limit":        {"--web.max-requests=-1", []string{"--web.max-requests", "must be a whole number, 0 or more"}},
		"bad address":             {"--web.listen-address=10071", []string{`--web.listen-address "10071"`, ":10071"}},
		"bad port":                {"--web.listen-address=:100710", []string{`--web.listen-address ":100710"`, "port"}},
		"missing web config":      {"--web.config.file=" + missing, []string{"--web.config.file", missing, "no such file"}},
		"bad web config":          {"--web.config.file=" + badWeb, []string{"--web.config.file", "cert_fil", "basic_auth_user"}},
		"bad log level":           {"--log.level=loud", []string{`--log.level "loud"`, "debug, info, warn, error"}},
		"bad log format":          {"--log.format=xml", []string{`--log.format "xml"`, "logfmt, json"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(test.arg)
			wantError(t, err, test.want...)
		})
	}
}

// wantError wants an error that has all of the given parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in: %v", part, err)
		}
	}
}
