package check

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// firstWrite lets a test wait until something is written.
type firstWrite struct {
	once    sync.Once
	written chan struct{}
	mu      sync.Mutex
	text    strings.Builder
}

// Write implements io.Writer.
func (w *firstWrite) Write(text []byte) (int, error) {
	w.once.Do(func() { close(w.written) })
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(text)
}

func TestRun_Progress(t *testing.T) {
	tb := newTestbed(t)
	tb.project.AddAll(synth.Bulk(1, 1_000, 8, noon.AddDate(0, 0, -7), noon))
	bar := &firstWrite{written: make(chan struct{})}
	tb.output.Progress = bar
	// The second page waits for the bar.
	tb.api.OnRequest(func(r apitest.Request) {
		if r.Query.Get("page") == "2" {
			<-bar.written
		}
	})
	if report, ok := tb.check(); !ok || !strings.Contains(report, "1,000 in the last 8d") {
		t.Errorf("ok %t:\n%s", ok, report)
	}
	shown := strings.Split(bar.text.String(), "\r\x1b[K")
	if last := shown[len(shown)-1]; last != "" {
		t.Errorf("the bar %q stays", last)
	}
	if form := regexp.MustCompile(`^reading runs \[#*-*\] [\d,]+ of 1,000$`); len(shown) < 3 || !form.MatchString(shown[1]) {
		t.Errorf("no bar: %q", shown)
	}
}

func TestBar_BeforeTheFirstAnswer(t *testing.T) {
	tb := newTestbed(t)
	c := newChecker([]collector.Key{{Name: "a"}}, tb.config, tb.output)
	for status, want := range map[string]string{"": "waiting for the API", "200": "waiting for the API", "503": "waiting for the API, last answer: 503"} {
		c.observers["a"].last = status
		if got := c.bar(); got != want {
			t.Errorf("%q: %q, want %q", status, got, want)
		}
	}
}

func TestRun_Interrupted(t *testing.T) {
	tb := newTestbed(t)
	ctx, stop := context.WithCancel(t.Context())
	tb.api.OnRequest(func(apitest.Request) { stop() })
	tb.api.Inject(apitest.HangBeforeHeaders())
	var report strings.Builder
	tb.output.Report = &report
	ok, err := Run(ctx, tb.newKeys(), tb.config, tb.output)
	if ok || err == nil || !strings.Contains(err.Error(), "interrupted") || report.Len() != 0 {
		t.Errorf("ok %t, %v, report %q", ok, err, report.String())
	}
}

// brokenPipe is a report that nobody reads.
type brokenPipe struct{}

// Write implements io.Writer.
func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestRun_NobodyReads(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		tb := newTestbed(t)
		tb.output.Report, tb.output.JSON = brokenPipe{}, asJSON
		if _, err := Run(t.Context(), tb.newKeys(), tb.config, tb.output); err == nil {
			t.Error("no error")
		}
	}
}

// A report in JSON is one document, with the marks of the text.
func TestRun_JSONIsRead(t *testing.T) {
	tb := newTestbed(t)
	tb.project.SetKey("another")
	tb.output.JSON = true
	text, ok := tb.check()
	var report Report
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if ok || report.PutRight != 1 || len(report.Keys) != 1 || !strings.Contains(report.Keys[0].Facts.Failure.Error, "401") {
		t.Errorf("ok %t, %+v", ok, report)
	}
}

func TestRun_Style(t *testing.T) {
	tb := newTestbed(t)
	tb.output.Style = Style{Colour: true, Width: 80}
	tb.project.SetKey("another")
	report, _ := tb.check()
	if !strings.Contains(report, "\x1b[31;1mfix \x1b[0m") {
		t.Errorf("no colour:\n%s", report)
	}
	for line := range strings.Lines(regexp.MustCompile(`\x1b\[[\d;]*m`).ReplaceAllString(report, "")) {
		if len(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("longer than the terminal is wide: %s", line)
		}
	}
}

func TestToStreams(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, test := range map[string]struct {
		report, progress *os.File
		environment      map[string]string
		colour, bar      bool
	}{
		"terminal":         {terminal, terminal, map[string]string{"TERM": "xterm"}, true, true},
		"pipe":             {file, file, map[string]string{"TERM": "xterm"}, false, false},
		"report in a pipe": {file, terminal, map[string]string{"TERM": "xterm"}, false, true},
		"no colour":        {terminal, terminal, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false, true},
		"dumb":             {terminal, terminal, map[string]string{"TERM": "dumb"}, false, false},
		"no TERM":          {terminal, terminal, nil, false, false},
	} {
		out := ToStreams(test.report, test.progress, func(name string) string { return test.environment[name] }, false)
		if out.Style.Colour != test.colour || (out.Progress != nil) != test.bar {
			t.Errorf("%s: colour %t, bar %t", name, out.Style.Colour, out.Progress != nil)
		}
		if time.Since(out.Now()).Abs() > time.Hour {
			t.Errorf("%s: another clock", name)
		}
	}
}
