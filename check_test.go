package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// What starts the exporter also starts a check, which listens nowhere. The
// command may stand before it or behind it.
func TestCheck_TakesWhatTheExporterTakes(t *testing.T) {
	args := []string{"--api.url=" + newAPI(t).URL, "--web.listen-address=" + takenAddress(t), "--web.config.file=/nowhere/web.yml", "--scrape.max-staleness=1s"}
	for name, args := range map[string][]string{
		"in front": append([]string{"check"}, args...),
		"behind":   append(args, "check"),
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runExporter(t, []string{secretKey}, args...)
			if code != 0 || !strings.Contains(stdout, "checkout") || stderr != "" {
				t.Errorf("exit code %d, want 0 and a report of the project; stderr %q, stdout:\n%s", code, stderr, stdout)
			}
			if !strings.HasPrefix(stdout, "empirical_exporter ") || strings.Contains(stdout, "\x1b") {
				t.Errorf("not plain text:\n%s", stdout)
			}
		})
	}
}

func TestCheck_SomethingToPutRight(t *testing.T) {
	api := newAPI(t)
	for name, test := range map[string]struct {
		environment string
		args        []string
		stdout      string // in the report
		stderr      string // in the one line of an error of the configuration
	}{
		"wrong key": {"EMPIRICALRUN_KEY=wrong-secret", nil, "401", ""},
		"wrong URL": {secretKey, []string{"--api.url=" + api.URL + "/v1"}, "404", ""},
		"no key":    {"A=b", nil, "", "no API key"},
		"bad flag":  {secretKey, []string{"--format=xml"}, "", "--help"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"check"}, test.args...)
			if name != "wrong URL" {
				args = append(args, "--api.url="+api.URL)
			}
			code, stdout, stderr := runExporter(t, []string{test.environment}, args...)
			if code != 1 || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d, want 1; stderr %q, stdout:\n%s", code, stderr, stdout)
			}
			if (stdout == "") != (test.stdout == "") || strings.Count(stderr, "\n") != min(len(test.stderr), 1) {
				t.Errorf("not one of report and error; stderr %q, stdout:\n%s", stderr, stdout)
			}
			if strings.Contains(stdout+stderr, "secret") {
				t.Errorf("the key is shown: %s%s", stdout, stderr)
			}
		})
	}
}

func TestCheck_JSON(t *testing.T) {
	code, stdout, stderr := runExporter(t, []string{secretKey}, "check", "--format=json", "--api.url="+newAPI(t).URL)
	var report struct {
		PutRight *int `json:"to_put_right"`
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != 0 || report.PutRight == nil || *report.PutRight != 0 || stderr != "" {
		t.Errorf("exit code %d, %v, stderr %q, stdout:\n%s", code, err, stderr, stdout)
	}
}

func TestCheck_TLS(t *testing.T) {
	target, err := url.Parse(newAPI(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	certificate := writeFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	code, stdout, _ := runExporter(t, []string{secretKey, "SSL_CERT_FILE=" + certificate}, "check", "--api.url="+server.URL)
	if code != 0 || !strings.Contains(stdout, "HTTP/2.0, TLS 1.3") {
		t.Errorf("exit code %d, want 0 and the versions in:\n%s", code, stdout)
	}
}

// The API itself takes the requests that a proxy gets.
func TestCheck_Proxy(t *testing.T) {
	proxy := strings.Replace(newAPI(t).URL, "http://", "http://me:hush@", 1)
	code, stdout, _ := runExporter(t, []string{secretKey, "HTTP_PROXY=" + proxy}, "check", "--api.url=http://api.example")
	if want := "http://api.example/api/test-runs, through the proxy http://127.0.0.1:"; code != 0 || !strings.Contains(stdout, want) {
		t.Errorf("exit code %d, or no %s in:\n%s", code, want, stdout)
	}
	if !strings.Contains(stdout, "everybody on the way can read the key") || strings.Contains(stdout, "hush") {
		t.Errorf("no warning, or the proxy's password in:\n%s", stdout)
	}
}

func TestCheck_EndsWithASignal(t *testing.T) {
	api := newAPI(t)
	api.Inject(apitest.HangBeforeHeaders())
	ctx := context.WithoutCancel(t.Context())
	check := testproc.MustStart(t, exporterCommand(ctx, t, []string{secretKey}, "check", "--api.url="+api.URL))
	testproc.Eventually(t, testproc.Timeout, "the check waits for the API", func() bool { return api.CountRequests() > 0 })
	if err := check.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	waitCtx, stop := context.WithTimeout(t.Context(), testproc.Timeout)
	defer stop()
	if code, err := check.ExitCode(waitCtx); err != nil || code != 1 {
		t.Errorf("exit code %d, want 1; %v", code, err)
	}
	if got, want := check.Output(), "empirical_exporter: error: interrupted before the runs were read\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHelp_OfCommands(t *testing.T) {
	for _, args := range [][]string{{"check", "--help"}, {"help", "check"}, {"--help"}} {
		code, stdout, stderr := runExporter(t, nil, args...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "--web.*") || !strings.Contains(stdout, "--api.url") {
			t.Errorf("%q: exit code %d, stderr %q, stdout:\n%s", args, code, stderr, stdout)
		}
	}
}
