package web

import (
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// fixedStatuses are always the same.
type fixedStatuses []collector.Status

// Status implements statuses.
func (s fixedStatuses) Status() []collector.Status { return s }

func TestLanding(t *testing.T) {
	readAt := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.FixedZone("", 3600))
	page := httptest.NewServer(&landing{
		telemetryPath: "/metrics",
		logger:        log.NewNopLogger(),
		statuses: fixedStatuses{
			{Key: "first", Info: history.Info{Project: apiclient.Project{Slug: "checkout"}, ReadAt: readAt, Format: history.Format{Unit: history.Seconds, Starts: true}}, Runs: 1234, Ended: true},
			{Key: "second", Ended: true, Err: errors.New("the API says <401>")},
			{Key: "<b>third</b>", Info: history.Info{Project: apiclient.Project{Slug: "<script>alert(1)</script>"}}},
		},
	})
	defer page.Close()
	code, body, header := testproc.Request(t, http.MethodGet, page.URL)
	if code != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		t.Errorf("%d, %s; want 200, text/html", code, header.Get("Content-Type"))
	}
	for _, want := range []string{
		`<a href="./metrics">`, `<a href="./-/healthy">`, `<a href="./-/ready">`,
		"<td>first</td><td>checkout</td><td>2026-03-02T11:00:00Z</td><td>1234</td><td>durations in seconds, states in items, starts given</td><td>worked</td>",
		"<td>second</td><td>not known yet</td><td>never</td><td>0</td><td>not known yet</td><td>failed: the API says &lt;401&gt;</td>",
		"<td>&lt;b&gt;third&lt;/b&gt;</td><td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>never</td><td>0</td><td>not known yet</td><td>under way</td>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in:\n%s", want, body)
		}
	}
	for _, unwanted := range []string{"<script", "debug/pprof", "<b>"} {
		if strings.Contains(body, unwanted) {
			t.Errorf("%s in:\n%s", unwanted, body)
		}
	}
}

func TestLanding_EscapesTheMetricsPath(t *testing.T) {
	page := httptest.NewServer(&landing{telemetryPath: `/"><b>`, logger: log.NewNopLogger(), statuses: fixedStatuses{}})
	defer page.Close()
	if _, body := testproc.Get(t, page.URL); strings.Contains(body, `"><b>`) {
		t.Errorf("not escaped:\n%s", body)
	}
}

var links = regexp.MustCompile(`href="([^"]*)"`)

// Behind a proxy that serves the exporter under a path, each link works.
func TestLanding_LinksBehindAProxy(t *testing.T) {
	exporter := serveExporter(t, newAPI(t), defaults())
	target, err := url.Parse(exporter.URL)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/below/this/", http.StripPrefix("/below/this", httputil.NewSingleHostReverseProxy(target)))
	proxy := httptest.NewServer(mux)
	defer proxy.Close()
	page, err := url.Parse(proxy.URL + "/below/this/")
	if err != nil {
		t.Fatal(err)
	}
	_, body := testproc.Get(t, page.String())
	testproc.Get(t, exporter.URL+"/metrics") // the first refresh, for /-/ready
	found := links.FindAllStringSubmatch(body, -1)
	if len(found) != 3 {
		t.Errorf("%d links, want 3:\n%s", len(found), body)
	}
	for _, link := range found {
		to, err := page.Parse(html.UnescapeString(link[1]))
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := testproc.Get(t, to.String()); code != http.StatusOK {
			t.Errorf("%s leads to %s: %d", link[1], to, code)
		}
	}
}

func TestLanding_FollowsRefreshes(t *testing.T) {
	api := newAPI(t)
	server := serveExporter(t, api, defaults())
	if _, body := testproc.Get(t, server.URL); !strings.Contains(body, "<td>default</td><td>not known yet</td><td>never</td>") {
		t.Errorf("before the first refresh:\n%s", body)
	}
	testproc.Get(t, server.URL+"/metrics")
	if _, body := testproc.Get(t, server.URL); !strings.Contains(body, "<td>default</td><td>checkout</td>") || !strings.Contains(body, "<td>1</td><td>durations in milliseconds, states in items, starts not given</td><td>worked</td>") {
		t.Errorf("after a refresh:\n%s", body)
	}
	api.Inject(apitest.Status(http.StatusUnauthorized, "No such key."))
	testproc.Get(t, server.URL+"/metrics")
	if _, body := testproc.Get(t, server.URL); !strings.Contains(body, "failed: ") || !strings.Contains(body, "No such key.") {
		t.Errorf("after a refresh that failed:\n%s", body)
	}
}
