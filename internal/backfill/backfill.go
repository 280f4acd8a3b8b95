// Package backfill writes the past: the gauges of runs as an exporter that ran then
// would have exposed them, in the format of OpenMetrics, for storages that import it.
//
// The runs are read (read.go) as an exporter reads them at its start. The collector
// computes, from one moment to the next, what has changed. The recorder keeps that for
// two hours of the past at a time, and then writes it (recorder.go) to the output
// (output.go). At the end it is said what that was (report.go).
package backfill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// Plan says which past is written, and where.
type Plan struct {
	// Since and Until say how long before now the past begins and ends.
	Since, Until time.Duration
	// Step is from one moment to the next, in whole seconds. Moments are multiples of it.
	Step time.Duration
	// Labels are put on each series, behind its own.
	Labels []Label
	// Output names the file that is written: compressed with gzip where the name ends
	// with .gz. A name that ends with a slash is that of a directory, which gets a file
	// for each two hours. Neither may be there already. "-" is the standard output.
	Output string
}

// Label is a label of a series.
type Label struct{ Name, Value string }

// blockLength is the length of a block of Prometheus' storage. Blocks begin at
// multiples of it.
const blockLength = 2 * time.Hour

// Streams are what a backfill is connected to.
type Streams struct {
	Stdout io.Writer
	// Report gets a line at the end, and warnings.
	Report io.Writer
	// Progress is the terminal that shows how far it is; nil for none.
	Progress io.Writer
	// Now is the clock.
	Now func() time.Time
}

// ToStreams returns those of a process. The environment is looked up for TERM.
func ToStreams(stdout, stderr *os.File, lookup func(string) string) Streams {
	return Streams{Stdout: stdout, Report: stderr, Progress: terminal.Progress(stderr, lookup), Now: time.Now}
}

// say writes a line, in place of the progress.
func (s *Streams) say(line string) {
	if s.Progress != nil {
		terminal.Clear(s.Progress)
	}
	_, _ = fmt.Fprintln(s.Report, line) // a line that cannot be written is not missed
}

// Run writes the past of the projects of some keys. After an error there is nothing
// under the name of the output.
func Run(ctx context.Context, keys []collector.Key, config collector.Config, plan Plan, streams Streams) error {
	b := &backfill{plan: plan, config: config, streams: streams, now: streams.Now().Round(0)}
	b.first, b.last = b.plan.moments(b.now)
	if b.first.After(b.last) {
		return fmt.Errorf("no multiple of --step (%s) lies between --since (%s) and --until (%s) ago",
			model.Duration(plan.Step), model.Duration(plan.Since), model.Duration(plan.Until))
	}
	if len(keys) == 0 {
		return errors.New("no API key: there is nothing to read")
	}
	out, err := newOutput(plan.Output, streams.Stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := b.read(ctx, keys); err != nil {
		return err
	}
	if err := b.write(ctx, out); err != nil {
		return err
	}
	b.report()
	return nil
}

// moments returns the first and the last moment.
func (p *Plan) moments(now time.Time) (first, last time.Time) {
	step := int64(p.Step / time.Second)
	from, until := now.Add(-p.Since), now.Add(-p.Until)
	first = time.Unix(-(-from.Unix() / step * step), 0)
	if first.Before(from) {
		first = first.Add(p.Step)
	}
	return first, time.Unix(until.Unix()/step*step, 0)
}

// backfill is one under way.
type backfill struct {
	plan        Plan
	config      collector.Config
	streams     Streams
	now         time.Time
	first, last time.Time // moments
	projects    []*project
	recorder    *recorder
}

// errInterrupted ends the writing when its context has ended.
var errInterrupted = errors.New("interrupted before all was written")

// write writes all moments.
func (b *backfill) write(ctx context.Context, out *output) error {
	b.recorder = newRecorder(b.plan.Labels, out)
	progress := newCourse(b.first, b.last)
	defer terminal.Show(b.streams.Progress, progress.text)()
	for at := b.first; !at.After(b.last); at = at.Add(b.plan.Step) {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err := b.recorder.begin(ctx, at); err != nil {
			return err
		}
		for _, p := range b.projects {
			for _, g := range p.past.At(at) {
				b.recorder.record(p, g)
			}
		}
		progress.reach(at)
	}
	if err := b.recorder.flush(ctx); err != nil {
		return err
	}
	return out.commit()
}
