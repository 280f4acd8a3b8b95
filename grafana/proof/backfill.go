package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"
)

// backfill keeps scrapes of times past and makes them Prometheus' own, by promtool. There is one file for each day
// (UTC): promtool reads a file once for every two hours in it.
type backfill struct {
	directory string
	files     []string
	day       string
	open      *os.File
}

// add keeps what the exporter says at a moment.
func (b *backfill) add(gatherer prometheus.Gatherer, at time.Time) error {
	families, err := gatherer.Gather()
	if err != nil {
		return fmt.Errorf("scrape the exporter at %s: %w", at, err)
	}
	if err := b.turnTo(at.UTC().Format(time.DateOnly)); err != nil {
		return err
	}
	encoder := expfmt.NewEncoder(b.open, expfmt.NewFormat(expfmt.TypeOpenMetrics))
	for _, family := range families {
		for _, metric := range family.Metric {
			metric.TimestampMs = proto.Int64(at.UnixMilli())
		}
		if err := encoder.Encode(family); err != nil {
			return fmt.Errorf("keep a scrape of %s: %w", at, err)
		}
	}
	return nil
}

// turnTo ends the file of one day and begins that of another.
func (b *backfill) turnTo(day string) error {
	if b.day == day {
		return nil
	}
	if err := b.endFile(); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(b.directory, day+".openmetrics"))
	if err != nil {
		return err
	}
	b.day, b.open, b.files = day, file, append(b.files, file.Name())
	return nil
}

func (b *backfill) endFile() error {
	if b.open == nil {
		return nil
	}
	_, err := expfmt.FinalizeOpenMetrics(b.open)
	return errors.Join(err, b.open.Close())
}

// finish writes Prometheus' storage under data.
func (b *backfill) finish(ctx context.Context, data string) error {
	if err := b.endFile(); err != nil {
		return err
	}
	promtool, err := binary("promtool")
	if err != nil {
		return err
	}
	for _, file := range b.files {
		create := exec.CommandContext(ctx, promtool, "tsdb", "create-blocks-from", "openmetrics",
			"--quiet", "--label=job="+job, "--label=instance="+Instance, file, data)
		if output, err := create.CombinedOutput(); err != nil {
			return fmt.Errorf("make Prometheus' storage of %s: %w\n%s", file, err, output)
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}
