package main

import (
	"net"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/config"
)

// What is refused, and in which words, internal/config tests. This is how the
// exporter ends then.
func TestRefusal(t *testing.T) {
	key := []string{secretKey}
	twoErrors := writeFile(t, "web.yml", "tls_server_config:\n  cert_fil: x\nbasic_auth_user: {}\n")
	for name, test := range map[string]struct {
		environment []string
		args        []string
		want        []string // all in the one line
	}{
		"no key":               {nil, nil, []string{"no API key"}},
		"key with white space": {[]string{config.KeyVariable + "=secret key"}, nil, []string{"$EMPIRICALRUN_KEY"}},
		"bad flag":             {key, []string{"--api.timeout=soon"}, []string{`--api.timeout "soon"`}},
		"bad variable":         {append(key, "EMPIRICAL_EXPORTER_RUNS_WINDOW=1d\n30d"), nil, []string{`--runs.window "30d"`}},
		"taken metrics path":   {key, []string{"--web.telemetry-path=/-/ready"}, []string{"--web.telemetry-path", "already"}},
		"errors of two lines":  {key, []string{"--web.config.file=" + twoErrors}, []string{"cert_fil", "basic_auth_user"}},
		"unknown flag":         {key, []string{"--runs.lookbak=1d"}, []string{"--runs.lookbak", "see empirical_exporter --help"}},
		"unknown command":      {key, []string{"served"}, []string{"served", "see empirical_exporter --help"}},
		"bad proxy":            {append(key, "HTTPS_PROXY=http://user:secret%@proxy:3128"), nil, []string{"$HTTPS_PROXY", "write it as http://"}},
		"missing authority":    {append(key, "SSL_CERT_FILE=/nowhere/ca.pem"), nil, []string{"$SSL_CERT_FILE", "/nowhere/ca.pem", "no such file"}},
		"key as a key file":    {nil, []string{"--api.key-file=emp_secret_0123456789"}, []string{`"emp_…"`, "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runExporter(t, test.environment, test.args...)
			if code != 1 || stdout != "" {
				t.Errorf("exit code %d, want 1; on stdout: %q", code, stdout)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "empirical_exporter: error: ") {
				t.Errorf("not one line of the usual form on stderr:\n%s", stderr)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in: %s", want, stderr)
				}
			}
			if strings.Contains(stderr, "secret") {
				t.Errorf("the key is shown: %s", stderr)
			}
		})
	}
}

// The address is taken. Were it listened on before the configuration is checked,
// the exporter would complain of that.
func TestRefusal_BeforeListening(t *testing.T) {
	address := takenAddress(t)
	key := []string{secretKey}
	noCertificate := writeFile(t, "tls.yml", "tls_server_config:\n  cert_file: none.pem\n  key_file: none.pem\n")
	for what, test := range map[string]struct {
		environment []string
		arg, want   string
	}{
		"no key":                {nil, "--api.url=http://127.0.0.1:1", "no API key"},
		"a missing key file":    {key, "--api.key-file=/nowhere/key", "/nowhere/key"},
		"a bad flag":            {key, "--runs.lookback=long", "--runs.lookback"},
		"a missing web config":  {key, "--web.config.file=/nowhere/web.yml", "/nowhere/web.yml"},
		"a missing certificate": {key, "--web.config.file=" + noCertificate, "none.pem"},
	} {
		code, _, stderr := runExporter(t, test.environment, "--web.listen-address="+address, test.arg)
		if code != 1 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "in use") {
			t.Errorf("%s: exit code %d, want 1 for %q:\n%s", what, code, test.want, stderr)
		}
	}
}

func TestRefusal_AddressIsTaken(t *testing.T) {
	address := takenAddress(t)
	code, _, stderr := runExporter(t, []string{secretKey}, "--api.url=http://127.0.0.1:1", "--web.listen-address="+address)
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{"level=error", address, "address already in use", "--web.listen-address"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in: %s", want, stderr)
		}
	}
}

// takenAddress returns an address that the test listens on.
func takenAddress(t *testing.T) string {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	return taken.Addr().String()
}
