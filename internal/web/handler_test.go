package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// defaults are those of the flags.
func defaults() Config {
	return Config{
		Program: "empirical_exporter", TelemetryPath: "/metrics",
		TimeoutOffset: 500 * time.Millisecond, MaxRequests: 40,
	}
}

// serveExporter serves an exporter of one project. Its first refresh is left to
// the first scrape.
func serveExporter(t *testing.T, api *apitest.Server, config Config, options ...apiclient.Option) *httptest.Server {
	t.Helper()
	client, err := apiclient.New(api.URL, apiclient.KeyText("secret-key", "the test"), options...)
	if err != nil {
		t.Fatal(err)
	}
	settings := collector.DefaultConfig()
	settings.MinInterval = 0
	exporter := collector.New([]collector.Key{{Name: "default", Client: client}}, settings)
	server := httptest.NewServer(NewHandler(reloading{exporter, nil}, config, log.NewNopLogger()))
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

func TestMetrics_Formats(t *testing.T) {
	server := serveExporter(t, newAPI(t), defaults())
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
			code, body, header := testproc.Request(t, http.MethodGet, server.URL+"/metrics", "Accept", test.accept)
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

func TestMetrics_Lint(t *testing.T) {
	server := serveExporter(t, newAPI(t), defaults())
	_, body := testproc.Get(t, server.URL+"/metrics")
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

// reloading is an exporter whose reloads end with an error, or well.
type reloading struct {
	*collector.Exporter

	err error
}

func (r reloading) Reload() error { return r.err }

func TestHandler_Reload(t *testing.T) {
	exporter := collector.New(nil, collector.DefaultConfig())
	t.Cleanup(exporter.Close)
	for _, test := range []struct {
		err  error
		code int
		body string
	}{
		{nil, http.StatusOK, "reloaded\n"},
		{errors.New("empirical.yml:3: no key"), http.StatusInternalServerError, "not reloaded: empirical.yml:3: no key\n"},
	} {
		server := httptest.NewServer(NewHandler(reloading{exporter, test.err}, defaults(), log.NewNopLogger()))
		t.Cleanup(server.Close)
		if code, body, _ := testproc.Request(t, http.MethodPost, server.URL+"/-/reload"); code != test.code || body != test.body {
			t.Errorf("%d %q, want %d %q", code, body, test.code, test.body)
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodHead} {
			if code, _, header := testproc.Request(t, method, server.URL+"/-/reload"); code != http.StatusMethodNotAllowed || header.Get("Allow") != "POST" {
				t.Errorf("%s: %d, Allow %q, want 405, POST", method, code, header.Get("Allow"))
			}
		}
	}
}

func TestHandler_Paths(t *testing.T) {
	config := defaults()
	config.TelemetryPath = "/probe"
	server := serveExporter(t, newAPI(t), config)
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
		if code, body, _ := testproc.Request(t, test.method, server.URL+test.path); code != test.want {
			t.Errorf("%s %s: %d, want %d: %s", test.method, test.path, code, test.want, body)
		}
	}
}

func TestScrape_AnswersWhileTheAPIHangs(t *testing.T) {
	api := newAPI(t)
	api.Inject(apitest.HangBeforeHeaders())
	server := serveExporter(t, api, defaults())
	began := time.Now()
	code, body := testproc.Get(t, server.URL+"/metrics", timeoutHeader, "0.8")
	if took := time.Since(began); took < 300*time.Millisecond || took > 800*time.Millisecond {
		t.Errorf("answered after %s; it should have waited 300 ms, and not 800 ms", took)
	}
	if code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 0`) {
		t.Errorf("%d, or no empirical_up 0 in:\n%s", code, body)
	}
}

func TestScrape_RefreshOutlivesIt(t *testing.T) {
	api := newAPI(t)
	server := serveExporter(t, api, defaults())
	held, release := make(chan struct{}, 1), make(chan struct{})
	api.OnRequest(func(apitest.Request) {
		held <- struct{}{}
		<-release
	})
	_, body := testproc.Get(t, server.URL+"/metrics", timeoutHeader, "0.6")
	if strings.Contains(body, "\nempirical_runs{") {
		t.Error("runs are shown that have not been read")
	}
	<-held
	close(release)
	testproc.Eventually(t, testproc.Timeout, "a scrape that may not wait finds the refresh done", func() bool {
		_, body := testproc.Get(t, server.URL+"/metrics", timeoutHeader, "0.5")
		return strings.Contains(body, "\nempirical_runs{")
	})
}

func TestLimit_Scrapes(t *testing.T) {
	api := newAPI(t)
	api.Inject(apitest.HangBeforeHeaders())
	config := defaults()
	config.MaxRequests = 3
	server := serveExporter(t, api, config)
	var scrapes sync.WaitGroup
	codes := make(chan int, 8)
	for range cap(codes) {
		scrapes.Go(func() {
			code, _ := testproc.Get(t, server.URL+"/metrics", timeoutHeader, "3")
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
	_, body := testproc.Get(t, server.URL+"/metrics", timeoutHeader, "0.5")
	if want := `promhttp_metric_handler_requests_total{code="503"} 5`; !strings.Contains(body, want) {
		t.Errorf("no %s in:\n%s", want, body)
	}
}

func TestHandler_Readiness(t *testing.T) {
	api := newAPI(t)
	remove := api.Inject(apitest.HangBeforeHeaders())
	server := serveExporter(t, api, defaults(), apiclient.WithTimeout(200*time.Millisecond))
	if code, _ := testproc.Get(t, server.URL+"/-/healthy"); code != http.StatusOK {
		t.Errorf("healthy: %d before the first refresh, want 200", code)
	}
	if code, body := testproc.Get(t, server.URL+"/-/ready"); code != http.StatusServiceUnavailable {
		t.Errorf("ready: %d before the first refresh, want 503: %s", code, body)
	}
	testproc.Get(t, server.URL+"/metrics") // waits for the refresh, which fails
	if code, body := testproc.Get(t, server.URL+"/-/ready"); code != http.StatusOK {
		t.Errorf("ready: %d after a refresh that failed, want 200: %s", code, body)
	}
	remove()
}

func TestLimit(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(limit(2, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-release
	})))
	defer server.Close()

	var held sync.WaitGroup
	for range 2 {
		held.Go(func() {
			if code, body := testproc.Get(t, server.URL); code != http.StatusOK {
				t.Errorf("%d, want 200: %s", code, body)
			}
		})
		<-entered
	}
	if code, body := testproc.Get(t, server.URL); code != http.StatusServiceUnavailable {
		t.Errorf("%d beyond the limit, want 503: %s", code, body)
	}
	close(release)
	held.Wait()

	held.Go(func() { <-entered })
	if code, body := testproc.Get(t, server.URL); code != http.StatusOK {
		t.Errorf("%d once there is room again, want 200: %s", code, body)
	}
	held.Wait()
}

func TestLimit_None(t *testing.T) {
	var all, inside sync.WaitGroup
	inside.Add(50)
	server := httptest.NewServer(limit(0, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside.Done()
		inside.Wait() // until all 50 are served at once
	})))
	defer server.Close()
	for range 50 {
		all.Go(func() {
			if code, body := testproc.Get(t, server.URL); code != http.StatusOK {
				t.Errorf("%d, want 200: %s", code, body)
			}
		})
	}
	all.Wait()
}

func TestErrorLog(t *testing.T) {
	for name, test := range map[string]struct {
		printed []any
		want    string
	}{
		"gathering": {[]any{"error gathering metrics:", errors.New("two\nlines")}, `level=error msg="some metrics are left out of this scrape" err="error gathering metrics: two lines"` + "\n"},
		"encoding":  {[]any{"error encoding and sending metric family:", errors.New("no name")}, `level=error msg="some metrics are left out of this scrape" err="error encoding and sending metric family: no name"` + "\n"},
	} {
		var logged bytes.Buffer
		errorLog{log.NewLogfmtLogger(&logged)}.Println(test.printed...)
		if logged.String() != test.want {
			t.Errorf("%s: %swant %s", name, logged.String(), test.want)
		}
	}
}
