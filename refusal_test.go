package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFile puts a file into the test's directory.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	overwrite(t, path, text)
	return path
}

// overwrite gives a file a new text.
func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const aKey = keyVariable + "=secret-key"

func TestRefusesBadKeys(t *testing.T) {
	key := []string{aKey}
	good := writeFile(t, "good.key", "secret-key\n")
	empty := writeFile(t, "empty.key", " \n")
	missing := filepath.Join(t.TempDir(), "missing.key")
	for name, test := range map[string]refusal{
		"no key":                {nil, nil, []string{"no API key", "--api.key-file", "$EMPIRICALRUN_KEY"}},
		"empty key":             {[]string{keyVariable + "= "}, nil, []string{"$EMPIRICALRUN_KEY", "empty", "put the key"}},
		"key with white space":  {[]string{keyVariable + "=secret key"}, nil, []string{"$EMPIRICALRUN_KEY", "put the key alone there"}},
		"missing key file":      {key, []string{"--api.key-file=" + missing}, []string{missing, "no such file", "name a file"}},
		"directory as key file": {key, []string{"--api.key-file=" + t.TempDir()}, []string{"directory", "name a file"}},
		"empty key file":        {key, []string{"--api.key-file=" + empty}, []string{empty, "empty"}},
		"key name twice":        {key, []string{"--api.key-file=" + good, "--api.key-file=good=" + good}, []string{`"good"`, "NAME=PATH"}},
		"key file without path": {key, []string{"--api.key-file=a="}, []string{"--api.key-file", "no path"}},
	} {
		t.Run(name, test.check)
	}
}

func TestRefusesBadFlags(t *testing.T) {
	key := []string{aKey}
	missing := filepath.Join(t.TempDir(), "web.yml")
	badWeb := writeFile(t, "web.yml", "tls_server_config:\n  cert_fil: x\nbasic_auth_user: {}\n")
	for name, test := range map[string]refusal{
		"URL without scheme":      {key, []string{"--api.url=api.empirical.run"}, []string{"--api.url", "https://api.empirical.run"}},
		"URL of another scheme":   {key, []string{"--api.url=ftp://api.empirical.run"}, []string{"--api.url", "https://api.empirical.run"}},
		"URL with query":          {key, []string{"--api.url=https://api.empirical.run?a=b"}, []string{"--api.url", "https://api.empirical.run"}},
		"bad time-out":            {key, []string{"--api.timeout=soon"}, []string{`--api.timeout "soon"`, "30s"}},
		"no time-out":             {key, []string{"--api.timeout=0"}, []string{`--api.timeout "0"`, "longer than 0"}},
		"bad concurrency":         {key, []string{"--api.concurrency=0"}, []string{`--api.concurrency "0"`, "1 or more"}},
		"bad rate":                {key, []string{"--api.max-rate=NaN"}, []string{`--api.max-rate "NaN"`, "requests a second"}},
		"bad expression":          {key, []string{"--runs.branch=(main"}, []string{`--runs.branch "(main"`, "regular expression", "main|release/.*"}},
		"expression in two parts": {key, []string{"--runs.branch=a)|(b"}, []string{"--runs.branch", "regular expression"}},
		"window over lookback":    {key, []string{"--runs.window=9d"}, []string{`--runs.window "9d"`, "lookback", "8d"}},
		"window of nothing":       {key, []string{"--runs.window=0s"}, []string{`--runs.window "0s"`, "longer than 0"}},
		"windows of a length":     {key, []string{"--runs.window=1d", "--runs.window=24h"}, []string{`"24h"`, `"1d"`, "once"}},
		"window by environment":   {append(key, "EMPIRICAL_EXPORTER_RUNS_WINDOW=1d\n30d"), nil, []string{`--runs.window "30d"`, "lookback"}},
		"no groups":               {key, []string{"--runs.max-groups=0"}, []string{`--runs.max-groups "0"`, "1 or more"}},
		"stale before renewed":    {key, []string{"--scrape.max-staleness=10s"}, []string{"--scrape.max-staleness", "--scrape.min-interval"}},
		"relative metrics path":   {key, []string{"--web.telemetry-path=metrics"}, []string{"--web.telemetry-path", "/metrics"}},
		"taken metrics path":      {key, []string{"--web.telemetry-path=/-/ready"}, []string{"--web.telemetry-path", "already"}},
		"bad scrape limit":        {key, []string{"--web.max-requests=-1"}, []string{"--web.max-requests", "0 or more"}},
		"bad address":             {key, []string{"--web.listen-address=10071"}, []string{`--web.listen-address "10071"`, ":10071"}},
		"bad port":                {key, []string{"--web.listen-address=:100710"}, []string{`--web.listen-address ":100710"`, "port"}},
		"missing web config":      {key, []string{"--web.config.file=" + missing}, []string{"--web.config.file", missing, "no such file"}},
		"bad web config":          {key, []string{"--web.config.file=" + badWeb}, []string{"--web.config.file", "cert_fil", "basic_auth_user"}},
		"bad log level":           {key, []string{"--log.level=loud"}, []string{`--log.level "loud"`, "debug, info, warn, error"}},
		"bad log format":          {key, []string{"--log.format=xml"}, []string{`--log.format "xml"`, "logfmt, json"}},
		"unknown flag":            {key, []string{"--runs.lookbak=1d"}, []string{"--runs.lookbak", "--help"}},
		"argument":                {key, []string{"serve"}, []string{"serve", "--help"}},
	} {
		t.Run(name, test.check)
	}
}

// refusal is a start that must fail.
type refusal struct {
	environment []string
	args        []string
	want        []string // all in the one line
}

func (r refusal) check(t *testing.T) {
	code, stdout, stderr := runExporter(t, r.environment, r.args...)
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if stdout != "" {
		t.Errorf("on stdout: %s", stdout)
	}
	if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "empirical_exporter: error: ") {
		t.Errorf("not one line of the usual form on stderr:\n%s", stderr)
	}
	for _, want := range r.want {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in: %s", want, stderr)
		}
	}
	if strings.Contains(stderr, "secret") {
		t.Errorf("the key is told: %s", stderr)
	}
}

func TestSaysThatTheAddressIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	code, _, stderr := runExporter(t, []string{aKey},
		"--api.url=http://127.0.0.1:1", "--web.listen-address="+taken.Addr().String())
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{"level=error", taken.Addr().String(), "address already in use", "--web.listen-address"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in: %s", want, stderr)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	code, stdout, stderr := runExporter(t, nil, "--version")
	if code != 0 || !strings.HasPrefix(stdout, "empirical_exporter, version ") || stderr != "" {
		t.Errorf("--version: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	code, stdout, stderr = runExporter(t, nil, "--help")
	if code != 0 || !strings.Contains(stdout, "$EMPIRICAL_EXPORTER_API_URL") || stderr != "" {
		t.Errorf("--help: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
