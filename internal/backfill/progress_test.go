package backfill

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// screen is a terminal. A test can wait until something is shown.
type screen struct {
	once  sync.Once
	shown chan struct{}
	mu    sync.Mutex
	text  strings.Builder
}

// Write implements io.Writer.
func (s *screen) Write(text []byte) (int, error) {
	s.once.Do(func() { close(s.shown) })
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func TestRun_Progress(t *testing.T) {
	for _, byList := range []bool{false, true} {
		tb := newTestbed(t)
		tb.api.SetState(!byList)
		tb.project.AddAll(synth.Bulk(1, 1_000, 8, noon.AddDate(0, 0, -7), noon))
		terminal := &screen{shown: make(chan struct{})}
		// The last page waits for the terminal.
		tb.api.OnRequest(func(r apitest.Request) {
			if r.Query.Get("page") == "5" {
				<-terminal.shown
			}
		})
		err := Run(t.Context(), []collector.Key{tb.key("default", secret)}, tb.config, tb.plan, Streams{Report: terminal, Progress: terminal, Now: tb.clock})
		if err != nil {
			t.Fatal(err)
		}
		shown := strings.Split(terminal.text.String(), "\r\x1b[K")
		if form := regexp.MustCompile(`^reading runs \[#+-*\] [\d,]+ of [\d,]+$`); len(shown) < 3 || !form.MatchString(shown[1]) {
			t.Errorf("no bar: %q", shown)
		}
		if last := shown[len(shown)-1]; !strings.HasPrefix(last, "wrote ") {
			t.Errorf("at the end it shows %q", last)
		}
	}
}

func TestReading_BeforeTheFirstAnswer(t *testing.T) {
	r := &reading{}
	r.addKey()
	if got := r.text(); got != "waiting for the API" {
		t.Errorf("%q", got)
	}
}

// Of filtered lists and the one of all runs the longer counts.
func TestReading_Lists(t *testing.T) {
	r := &reading{keys: []*lists{{{}: 1000, {state: apiclient.Started}: 3, {apiclient.Ended, apiclient.Passed}: 900}, {{}: 10}}, read: 505}
	if got, want := r.text(), "reading runs [###############---------------] 505 of 1,010"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCourse(t *testing.T) {
	c := newCourse(noon, noon.Add(100*time.Hour))
	if got, want := c.text(), "writing [------------------------------] 2026-06-10"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	c.now = func() time.Time { return c.began.Add(30 * time.Second) }
	c.reach(noon.Add(25 * time.Hour))
	if got, want := c.text(), "writing [#######-----------------------] 2026-06-11, 1m30s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
