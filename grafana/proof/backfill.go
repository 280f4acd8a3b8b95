package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// backfill keeps scrapes of the past and writes them into Prometheus' storage, with promtool. There is one file for each
// block of the storage, because promtool reads a file once for every block that it makes of it.
type backfill struct {
	directory string
	files     []string
	block     time.Time // the one whose file is open
	open      *os.File
}

// add keeps a scrape, as of a given time.
func (b *backfill) add(gatherer prometheus.Gatherer, at time.Time) error {
	families, err := gatherer.Gather()
	if err != nil {
		return fmt.Errorf("scrape the exporter at %s: %w", at, err)
	}
	if err := b.openFile(at.Truncate(blockLength)); err != nil {
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

// blockLength is the length of the blocks that promtool makes. They begin at multiples of it.
const blockLength = 2 * time.Hour

// openFile opens the file of a block, where it is not open already.
func (b *backfill) openFile(block time.Time) error {
	if b.block.Equal(block) {
		return nil
	}
	if err := b.closeFile(); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(b.directory, strconv.FormatInt(block.Unix(), 10)+".openmetrics"))
	if err != nil {
		return err
	}
	b.block, b.open, b.files = block, file, append(b.files, file.Name())
	return nil
}

func (b *backfill) closeFile() error {
	if b.open == nil {
		return nil
	}
	_, err := expfmt.FinalizeOpenMetrics(b.open)
	return errors.Join(err, b.open.Close())
}

// writeBlocks writes all that was kept into the storage in the directory data.
func (b *backfill) writeBlocks(ctx context.Context, data string) error {
	if err := b.closeFile(); err != nil {
		return err
	}
	promtool, err := testproc.Tool("promtool")
	if err != nil {
		return err
	}
	for _, file := range b.files {
		create := exec.CommandContext(ctx, promtool, "tsdb", "create-blocks-from", "openmetrics",
			"--quiet", "--label=job="+job, "--label=instance="+instance, file, data)
		if output, err := create.CombinedOutput(); err != nil {
			return fmt.Errorf("make Prometheus' storage of %s: %w\n%s", file, err, output)
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}
