package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// serveExporter serves an exporter of one project, whose first refresh is left
// to the first scrape.
func serveExporter(t *testing.T, api *apitest.Server, args ...string) *httptest.Server {
	t.Helper()
	t.Setenv(keyVariable, "secret-key")
	f, keys, err := configure(append([]string{"--api.url=" + api.URL, "--scrape.min-interval=0"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	exporter := collector.New(keys, f.config())
	server := httptest.NewServer(newHandler(exporter, f, log.NewNopLogger()))
	t.Cleanup(func() {
		server.Close()
		exporter.Close()
	})
	return server
}

// newAPI serves a project with one run that passed.
func newAPI(t *testing.T) *apitest.Server {
	t.Helper()
	api := apitest.NewServer()
	t.Cleanup(api.Close)
	api.AddProject("checkout", "secret-key").Add(apitest.Run{
		State: "ended", Branch: new("main"), EnvironmentSlug: new("production"), CreatedAt: time.Now().Add(-time.Hour),
		TotalCount: new(int64(50)), SuccessCount: new(int64(50)), Duration: new(int64(120_000)),
	})
	return api
}

func TestMetricsInEachFormat(t *testing.T) {
	server := serveExporter(t, newAPI(t))
	for name, test := range map[string]struct{ accept, contentType, want string }{
		"text": {"text/plain;version=0.0.4", "text/plain", `empirical_last_completed_run_success{branch="main",environment="production",project="checkout"} 1` + "\n"},
		"OpenMetrics": {
			"application/openmetrics-text;version=1.0.0", "application/openmetrics-text",
			`empirical_last_completed_run_success{branch="main",environment="production",project="checkout"} 1.0` + "\n",
		},
		"protobuf": {
			"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
			"application/vnd.google.protobuf", "empirical_last_completed_run_success",
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, body, header := answer(t, http.MethodGet, server.URL+"/metrics", "Accept", test.accept)
			if code != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), test.contentType) {
				t.Errorf("%d, %s; want 200, %s", code, header.Get("Content-Type"), test.contentType)
			}
			for _, want := range []string{test.want, "empirical_exporter_build_info", "go_goroutines", "process_start_time_seconds", "promhttp_metric_handler_requests_total"} {
				if !strings.Contains(body, want) {
					t.Errorf("no %s in the answer", want)
				}
			}
		})
	}
}

// tool returns a tool that the Makefile builds.
func tool(t *testing.T, variable, name string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join(".bin", name)
	}
	path, err := exec.LookPath(path)
	if err != nil {
		t.Fatalf("%v; build it with make tools, or name it in $%s", err, variable)
	}
	return path
}

func TestPromtoolHasNothingToSay(t *testing.T) {
	api := newAPI(t)
	server := serveExporter(t, api)
	_, body := get(t, server.URL+"/metrics")
	check := exec.CommandContext(t.Context(), tool(t, "PROMTOOL", "promtool"), "check", "metrics", "--lint=all")
	check.Stdin = strings.NewReader(body)
	if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestWhatIsServedWhere(t *testing.T) {
	server := serveExporter(t, newAPI(t), "--web.telemetry-path=/probe")
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/probe", http.StatusOK},
		{http.MethodGet, "/metrics", http.StatusNotFound},
		{http.MethodPost, "/probe", http.StatusMethodNotAllowed},
		{http.MethodGet, "/", http.StatusOK},
		{http.MethodGet, "/favicon.ico", http.StatusNotFound},
		{http.MethodGet, "/debug/pprof/", http.StatusNotFound},
		{http.MethodGet, "/-/healthy", http.StatusOK},
		{http.MethodGet, "/-/ready", http.StatusOK},
	} {
		if code, body, _ := answer(t, test.method, server.URL+test.path); code != test.want {
			t.Errorf("%s %s: %d, want %d: %s", test.method, test.path, code, test.want, body)
		}
	}
}

func TestScrapeAnswersWhileTheAPIHangs(t *testing.T) {
	api := newAPI(t)
	api.Inject(apitest.HangBeforeHeaders())
	server := serveExporter(t, api)
	began := time.Now()
	code, body := get(t, server.URL+"/metrics", timeoutHeader, "0.8")
	if took := time.Since(began); took < 300*time.Millisecond || took > 800*time.Millisecond {
		t.Errorf("answered after %s; it should have waited 300 ms, and not 800 ms", took)
	}
	if code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 0`) {
		t.Errorf("%d, or no empirical_up 0 in:\n%s", code, body)
	}
}

func TestARefreshOutlivesItsScrape(t *testing.T) {
	api := newAPI(t)
	server := serveExporter(t, api)
	held, release := make(chan struct{}, 1), make(chan struct{})
	api.OnRequest(func(apitest.Request) {
		held <- struct{}{}
		<-release
	})
	_, body := get(t, server.URL+"/metrics", timeoutHeader, "0.6")
	if strings.Contains(body, "\nempirical_runs{") {
		t.Error("runs are shown that have not been read")
	}
	<-held
	close(release)
	eventually(t, "a scrape that may not wait finds the refresh done", func() bool {
		_, body := get(t, server.URL+"/metrics", timeoutHeader, "0.5")
		return strings.Contains(body, "\nempirical_runs{")
	})
}

func TestScrapesBeyondTheLimit(t *testing.T) {
	api := newAPI(t)
	api.Inject(apitest.HangBeforeHeaders())
	server := serveExporter(t, api, "--web.max-requests=3")
	var scrapes sync.WaitGroup
	codes := make(chan int, 8)
	for range cap(codes) {
		scrapes.Go(func() {
			code, _ := get(t, server.URL+"/metrics", timeoutHeader, "3")
			codes <- code
		})
	}
	scrapes.Wait()
	close(codes)
	counted := map[int]int{}
	for code := range codes {
		counted[code]++
	}
	if counted[http.StatusOK] != 3 || counted[http.StatusServiceUnavailable] != 5 {
		t.Errorf("answers by status: %v, want 3 times 200 and 5 times 503", counted)
	}
	_, body := get(t, server.URL+"/metrics", timeoutHeader, "0.5")
	if want := `promhttp_metric_handler_requests_total{code="503"} 5`; !strings.Contains(body, want) {
		t.Errorf("no %s in:\n%s", want, body)
	}
}

func TestReadiness(t *testing.T) {
	api := newAPI(t)
	remove := api.Inject(apitest.HangBeforeHeaders())
	server := serveExporter(t, api, "--api.timeout=200ms")
	if code, _ := get(t, server.URL+"/-/healthy"); code != http.StatusOK {
		t.Errorf("healthy: %d before the first refresh, want 200", code)
	}
	if code, body := get(t, server.URL+"/-/ready"); code != http.StatusServiceUnavailable {
		t.Errorf("ready: %d before the first refresh, want 503: %s", code, body)
	}
	get(t, server.URL+"/metrics") // waits for the refresh, which fails
	if code, body := get(t, server.URL+"/-/ready"); code != http.StatusOK {
		t.Errorf("ready: %d after a refresh that failed, want 200: %s", code, body)
	}
	remove()
}
