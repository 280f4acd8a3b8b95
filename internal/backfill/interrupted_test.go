package backfill

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

func TestRun_InterruptedWhileReading(t *testing.T) {
	tb := newTestbed(t)
	ctx, stop := context.WithCancel(t.Context())
	tb.api.OnRequest(func(apitest.Request) { stop() })
	tb.api.Inject(apitest.HangBeforeHeaders())
	tb.wantInterrupted(ctx, Streams{Report: &tb.report}, "interrupted before the runs were read")
}

// The wait is said first, and then interrupted.
func TestRun_InterruptedWhileWaiting(t *testing.T) {
	tb := newTestbed(t)
	tb.api.Inject(apitest.StatusRetryAfter(429, "3000"))
	ctx, stop := context.WithCancel(t.Context())
	tb.wantInterrupted(ctx, Streams{Report: &stopWriter{stop: stop}}, "interrupted before the runs were read")
	if n := tb.api.CountRequests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// wantInterrupted wants that a backfill ends with an error, and leaves nothing behind.
func (tb *testbed) wantInterrupted(ctx context.Context, streams Streams, want string) {
	tb.Helper()
	streams.Now = tb.clock
	if err := Run(ctx, []collector.Key{tb.key("default", secret)}, tb.config, tb.plan, streams); err == nil || err.Error() != want {
		tb.Errorf("%v, want %s", err, want)
	}
	tb.wantNothing()
}

// stopWriter calls stop at the first write.
type stopWriter struct {
	stop   func()
	writes int
}

// Write implements io.Writer.
func (w *stopWriter) Write(text []byte) (int, error) {
	w.stop()
	w.writes++
	return len(text), nil
}

func TestRun_InterruptedWhileWriting(t *testing.T) {
	for name, test := range map[string]struct {
		now   time.Time
		since time.Duration
	}{
		"one of several blocks": {noon.Add(4 * time.Hour), 6 * time.Hour},
		"the only block":        {noon.Add(blockLength - time.Second), blockLength - time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			tb := newTestbed(t)
			tb.now = test.now
			tb.addRuns()
			tb.plan.Output, tb.plan.Step, tb.plan.Since = standardOutput, time.Second, test.since
			ctx, stop := context.WithCancel(t.Context())
			out := &stopWriter{stop: stop}
			tb.wantInterrupted(ctx, Streams{Stdout: out, Report: &tb.report}, "interrupted before all was written")
			// One series at all moments of a block is up to a megabyte.
			if out.writes > 5 {
				t.Errorf("%d writes, want no more than a series takes", out.writes)
			}
		})
	}
}

// begunContext ends when something has been written into one of some files.
type begunContext struct {
	context.Context //nolint:containedctx // it is a context itself

	pattern string
}

// Err implements context.Context.
func (c *begunContext) Err() error {
	files, _ := filepath.Glob(c.pattern)
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			return context.Canceled
		}
	}
	return c.Context.Err()
}

// Of a file that has been begun nothing stays.
func TestRun_InterruptedWithinAFile(t *testing.T) {
	for output, file := range map[string]string{"past.om": "", "past.om.gz": "", "past/": "/*.om"} {
		t.Run(output, func(t *testing.T) {
			tb := newTestbed(t)
			tb.now = noon.Add(blockLength - time.Second)
			tb.addRuns()
			tb.plan.Output = filepath.Dir(filepath.Clean(tb.plan.Output)) + "/" + output
			tb.plan.Step, tb.plan.Since = time.Second, blockLength-time.Second
			ctx := &begunContext{t.Context(), filepath.Clean(tb.plan.Output) + ".partial-*" + file}
			tb.wantInterrupted(ctx, Streams{Report: &tb.report}, "interrupted before all was written")
		})
	}
}
