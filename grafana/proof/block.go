package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// block is a part of Prometheus' storage in the making: scrapes of times past.
type block struct {
	writer *tsdb.BlockWriter
	target labels.Labels
}

// newBlock begins a block in directory for scrapes of one target within the span.
func newBlock(directory string, target labels.Labels, span time.Duration) (*block, error) {
	writer, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), directory, 2*span.Milliseconds())
	if err != nil {
		return nil, fmt.Errorf("begin a block of the past: %w", err)
	}
	return &block{writer, target}, nil
}

// add keeps what the target said at a moment, in the text format.
func (b *block) add(ctx context.Context, exposition []byte, at time.Time) error {
	parser := textparse.NewPromParser(exposition, labels.NewSymbolTable(), false)
	appender := b.writer.Appender(ctx)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return appender.Commit()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("read a scrape of %s: %w", at, err), appender.Rollback())
		}
		if entry != textparse.EntrySeries {
			continue
		}
		if err := b.addSample(appender, parser, at); err != nil {
			return errors.Join(fmt.Errorf("keep a scrape of %s: %w", at, err), appender.Rollback())
		}
	}
}

func (b *block) addSample(appender storage.Appender, parser textparse.Parser, at time.Time) error {
	var said labels.Labels
	parser.Labels(&said)
	_, _, value := parser.Series()
	series := labels.NewBuilder(said)
	b.target.Range(func(l labels.Label) { series.Set(l.Name, l.Value) })
	_, err := appender.Append(0, series.Labels(), at.UnixMilli(), value)
	return err
}

// finish writes the block out.
func (b *block) finish(ctx context.Context) error {
	_, err := b.writer.Flush(ctx)
	return errors.Join(err, b.writer.Close())
}
