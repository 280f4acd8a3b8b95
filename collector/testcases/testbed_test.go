package testcases

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// testbed is an API with one project, and a reader of its tests.
type testbed struct {
	*testing.T
	api      *apitest.Server
	project  *apitest.Project
	client   *apiclient.Client
	reader   *Reader
	now      time.Time
	log      logLines
	skipping apitest.SkippingClock
}

func newTestbed(t *testing.T, config Config) *testbed {
	t.Helper()
	tb := &testbed{T: t, now: noon}
	tb.api = apitest.NewServer(apitest.WithClock(func() time.Time { return noon }))
	t.Cleanup(tb.api.Close)
	tb.project = tb.api.AddProject("shop", "the-key")
	client, err := apiclient.New(tb.api.URL, apiclient.KeyText("the-key", "the test"), apiclient.WithMaxRate(0),
		apiclient.WithTimeout(time.Second), apiclient.WithClock(&tb.skipping))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	tb.client = client
	tb.reader = New(config, log.NewLogfmtLogger(&tb.log))
	return tb
}

// read reads the tests, which must be due.
func (tb *testbed) read() {
	tb.Helper()
	if !tb.reader.Begin(tb.now, "shop") {
		tb.Fatal("no reading is due")
	}
	tb.reader.Read(tb.Context(), tb.client.Session(nil))
}

// readLater reads the tests an interval later.
func (tb *testbed) readLater() {
	tb.Helper()
	tb.now = tb.now.Add(tb.reader.config.Interval)
	tb.read()
}

// skipPause lets the longest pause pass that the API can ask for.
func (tb *testbed) skipPause() { tb.skipping.Skip(10 * time.Minute) }

func (tb *testbed) view() *View { return tb.reader.View(tb.now, "shop") }

// lists has the API answer with these lists of tests, by fail rate and by flaky rate.
func (tb *testbed) lists(byFailRate, byFlakyRate []entry) (remove func()) {
	tb.Helper()
	one := tb.api.Inject(apitest.Body("application/json", document(tb, byFailRate)), apitest.OrderBy("fail_rate"))
	two := tb.api.Inject(apitest.Body("application/json", document(tb, byFlakyRate)), apitest.OrderBy("flaky_rate"))
	return func() { one(); two() }
}

// entry is one test of an answer.
type entry map[string]any

// test is the entry of a test of some executions.
func test(id string, passed, failed, flaky int) entry {
	return entry{
		"test_case_id": id, "test_name": "name of " + id, "file_path": id + ".spec.ts", "project_name": "chromium",
		"last_run_at": "2026-03-02T11:00:00Z",
		"metrics":     map[string]int{"pass_count": passed, "fail_count": failed, "flaky_count": flaky},
	}
}

func document(tb *testbed, entries []entry) []byte {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"data": map[string]any{
		"test_cases": append([]entry{}, entries...), "summary": map[string]int{"total_test_cases": len(entries)},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// ids are the ids of the tests that are shown.
func (tb *testbed) ids() string {
	var ids []string
	for _, test := range tb.view().Tests {
		ids = append(ids, test.ID)
	}
	return strings.Join(ids, " ")
}

// logLines keeps what is logged.
type logLines struct {
	mu  sync.Mutex
	all []string
}

// Write implements io.Writer; a logger writes one line at a time.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// take returns the lines of a level above debug and forgets all.
func (l *logLines) take() (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if !strings.Contains(line, "level=debug") {
			lines = append(lines, line)
		}
	}
	l.all = nil
	return lines
}

// wantLogged wants one line with these parts, or with none no line.
func (tb *testbed) wantLogged(parts ...string) {
	tb.Helper()
	lines := tb.log.take()
	if len(parts) == 0 && len(lines) == 0 {
		return
	}
	if len(lines) != 1 || len(parts) == 0 {
		tb.Errorf("logged %q, want %q in one line", lines, parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(lines[0], part) {
			tb.Errorf("logged %q, want %q in it", lines[0], part)
		}
	}
}

// ended is a context that has ended.
func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	return ctx
}
