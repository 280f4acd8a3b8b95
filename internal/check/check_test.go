package check

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// Each report is a file in testdata, to be read as users read it.
func TestRun_Golden(t *testing.T) {
	withState, withoutState := []apitest.Option(nil), []apitest.Option{apitest.WithoutState()}
	for name, test := range map[string]struct {
		api     []apitest.Option
		prepare func(*testbed)
		wrong   bool // something must be put right
	}{
		"by-item":    {withState, func(tb *testbed) { tb.live(synth.Options{}) }, false},
		"by-list":    {withoutState, func(tb *testbed) { tb.live(synth.Options{Milliseconds: true, NoStarts: true}) }, false},
		"no-runs":    {withState, func(*testbed) {}, false},
		"wrong-key":  {withState, func(tb *testbed) { tb.project.SetKey("another") }, true},
		"wrong-url":  {withState, func(tb *testbed) { tb.url += "/api" }, true},
		"portal":     {withState, func(tb *testbed) { tb.api.Inject(apitest.Body("text/html", []byte("<html>Log in</html>"))) }, true},
		"redirect":   {withState, func(tb *testbed) { tb.api.Inject(apitest.Redirect(302, "https://portal.example/login?k=1")) }, true},
		"no-answer":  {withState, noAnswers, true},
		"no-key":     {withState, func(tb *testbed) { tb.keys = nil }, false},
		"duplicate":  {withState, func(tb *testbed) { tb.keys = []string{"first", "second"} }, true},
		"renamed":    {withState, renamed("success_count", "passed_count"), true},
		"no-created": {withState, noCreated, true},
		"odd":        {withState, odd, false},
		"project-id": {withState, wantsProject, true},
		"unit-set":   {withState, unitSet, true},
		"second":     {withState, secondFails, false},
		"ahead":      {withState, ahead, false},
		"folded":     {withState, folded, false},
		"no-days":    {withState, noDays, false},
	} {
		t.Run(name, func(t *testing.T) {
			tb := newTestbed(t, test.api...)
			test.prepare(tb)
			report, ok := tb.check()
			if ok == test.wrong {
				t.Errorf("ok %t, with this report:\n%s", ok, report)
			}
			tb.wantGolden(name+".txt", report)
		})
	}
}

// With the id it is as with any other API.
func TestRun_ProjectID(t *testing.T) {
	tb := newTestbed(t)
	wantsProject(tb)
	tb.options = []apiclient.Option{apiclient.WithProjectID(17)}
	if report, ok := tb.check(); !ok || !strings.Contains(report, "acme/checkout-tests") {
		t.Errorf("ok %t:\n%s", ok, report)
	}
}

// A key that fails costs the others nothing, and is not tried again.
func TestRun_OneKeyFails(t *testing.T) {
	tb := newTestbed(t)
	tb.keys = []string{"good", "bad"}
	keys := tb.newKeys()
	other, err := apiclient.New(tb.url, apiclient.KeyText("wrong", "the test"))
	if err != nil {
		t.Fatal(err)
	}
	keys[1].Client = other
	var report strings.Builder
	tb.output.Report = &report
	ok, err := Run(t.Context(), keys, tb.config, tb.output)
	if err != nil || ok {
		t.Errorf("ok %t, %v", ok, err)
	}
	for _, want := range []string{"1 thing must be put right, of bad.", "ok    project      checkout", "401"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("no %q in:\n%s", want, report.String())
		}
	}
	tried := 0
	for _, request := range tb.api.Requests() {
		if request.Key == "wrong" {
			tried++
		}
	}
	if tried != 1 {
		t.Errorf("%d requests with the key that fails", tried)
	}
}

func TestRun_JSON(t *testing.T) {
	tb := newTestbed(t)
	tb.output.JSON = true
	odd(tb)
	report, _ := tb.check()
	tb.wantGolden("odd.json", report)
}

// renamed is an API that gives a key another name.
func renamed(from, to string) func(*testbed) {
	return func(tb *testbed) {
		tb.live(synth.Options{})
		tb.api.Inject(apitest.EditItem(func(item map[string]any) {
			item[to] = item[from]
			delete(item, from)
		}), apitest.Runs())
	}
}

// noAnswers is a port that nobody listens on.
func noAnswers(tb *testbed) {
	tb.url, tb.options = "http://127.0.0.1:1", []apiclient.Option{apiclient.WithTimeout(100 * time.Millisecond)}
}

func noCreated(tb *testbed) {
	for range 3 {
		tb.project.Add(apitest.Run{State: "ended"})
	}
	tb.api.Inject(apitest.EditItem(func(item map[string]any) {
		item["createdAt"] = item["created_at"]
		delete(item, "created_at")
	}), apitest.Runs())
}

// odd is an API that does much otherwise than its documentation says.
func odd(tb *testbed) {
	tb.live(synth.Options{SkippedInTotal: true})
	tb.api.Inject(apitest.EditItem(func(item map[string]any) {
		item["trigger"], item["environment_variables_overrides"] = "cron", map[string]any{"PASSWORD": secret}
		item["a key \x1b[31m"] = secret
		id, _ := strconv.Atoi(item["id"].(json.Number).String())
		switch {
		case item["state"] == "error" && id%2 == 0:
			item["error_code"], item["failure"] = nil, map[string]any{"code": "worker_interrupted"}
		case item["state"] == "error" && id%3 == 0:
			item["error_code"] = "out_of_memory"
		case item["state"] == "error":
			item["error_code"] = "no space left on " + secret
		case id%40 == 0:
			item["state"] = "expired"
		case id%97 == 0:
			item["duration"] = -1
		case id%33 == 0:
			item["total_count"] = 1
		}
	}), apitest.Runs())
	tb.api.Inject(apitest.NoPagination(), apitest.Runs())
	tb.api.Inject(apitest.Reversed(), apitest.Runs())
	tb.api.Inject(apitest.Status(http.StatusForbidden, "not for the key "+secret), apitest.TestCases())
	tb.api.Inject(apitest.EditDays(func(days []any) []any {
		days[len(days)-3].(map[string]any)["cancelled_runs"] = 99
		days[len(days)-4] = "?"
		delete(days[len(days)-5].(map[string]any), "flaky_tests")
		return days
	}), apitest.DailyRuns())
	tb.url = limited(tb)
}

// limited stands before the API and adds the headers of a rate limit.
func limited(tb *testbed) string {
	target, err := url.Parse(tb.api.URL)
	if err != nil {
		tb.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(response *http.Response) error {
		response.Header.Set("X-RateLimit-Limit", "600")
		response.Header.Set("Ratelimit-Policy", "10;w=1")
		return nil
	}
	server := httptest.NewServer(proxy)
	tb.Cleanup(server.Close)
	return server.URL
}

// wantsProject is an API that wants to be told the project.
func wantsProject(tb *testbed) {
	tb.api.Inject(apitest.Status(http.StatusBadRequest, "x-project-id header is required"), func(r apitest.Request) bool { return r.ProjectID != "17" })
}

// unitSet says by flag what the runs do not say.
func unitSet(tb *testbed) {
	tb.live(synth.Options{})
	tb.config.DurationUnit = history.Milliseconds
}

func folded(tb *testbed) {
	tb.live(synth.Options{})
	tb.config.Branches = regexp.MustCompile("^(?:main|fix/.*)$")
	tb.config.MaxGroups = 3
	tb.config.MinInterval = time.Minute // so that there are fewer requests
	tb.config.Tests.Top = 0
	tb.config.Windows = []collector.Window{{Name: "1d", Length: day}}
}

// secondFails is an API that answers but once.
func secondFails(tb *testbed) {
	tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(-time.Hour)})
	tb.api.Inject(apitest.Status(http.StatusPaymentRequired, "an invoice is overdue"), apitest.Runs(), apitest.After(1))
}

// ahead is an API whose clock is ahead, and whose runs do not agree on a unit.
func ahead(tb *testbed) {
	for created, duration := range map[time.Duration]int64{2 * time.Hour: 5, -10 * time.Minute: 500, -11 * time.Minute: 600, -12 * time.Minute: 600_000} {
		tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(created), Duration: new(duration), TotalCount: new(int64(0)), SuccessCount: new(int64(0)), FailedCount: new(int64(0))})
	}
}

// noDays has a lookback too short for a whole day, and no run that speaks for a
// unit.
func noDays(tb *testbed) {
	tb.config.Lookback = day
	for i := range 3 {
		tb.project.Add(apitest.Run{
			State: "ended", Branch: new("main"), EnvironmentSlug: new("live"), CreatedAt: noon.Add(-20*time.Hour - time.Duration(i)*time.Minute),
			TotalCount: new(int64(5)), SuccessCount: new(int64(5)), FailedCount: new(int64(0)), Duration: new(int64(300)),
		})
	}
}
