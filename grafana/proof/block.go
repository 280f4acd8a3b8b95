package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
)

// block is a block of Prometheus' storage, before it is written.
type block struct {
	from, to time.Time // of its samples
	series   []blockSeries
}

// blockSeries is a series with its samples. Series may have chunks in common.
type blockSeries struct {
	labels labels.Labels
	chunks []chunks.Meta
}

// blockName is a ULID, as Prometheus wants it.
const blockName = "01J00000000000000000000000"

// write writes the block into the storage in a directory.
func (b *block) write(ctx context.Context, data string) error {
	directory := filepath.Join(data, blockName)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	if err := b.writeSeries(ctx, directory); err != nil {
		return fmt.Errorf("write the past: %w", err)
	}
	meta, err := json.Marshal(map[string]any{
		"ulid": blockName, "version": 1, "minTime": b.from.UnixMilli(), "maxTime": b.to.UnixMilli() + 1,
		"compaction": map[string]any{"level": 1, "sources": []string{blockName}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "meta.json"), meta, 0o600)
}

// writeSeries writes chunks and index side by side: the index wants series in the order of their labels, and their chunks in the same order.
func (b *block) writeSeries(ctx context.Context, directory string) error {
	chunkWriter, err := chunks.NewWriter(filepath.Join(directory, "chunks"))
	if err != nil {
		return err
	}
	indexWriter, err := index.NewWriter(ctx, filepath.Join(directory, "index"))
	if err != nil {
		return err
	}
	for _, symbol := range b.symbols() {
		if err := indexWriter.AddSymbol(symbol); err != nil {
			return err
		}
	}
	slices.SortFunc(b.series, func(x, y blockSeries) int { return labels.Compare(x.labels, y.labels) })
	for number, series := range b.series {
		written := slices.Clone(series.chunks) // the writer notes in it where each chunk is
		if err := chunkWriter.WriteChunks(written...); err != nil {
			return err
		}
		if err := indexWriter.AddSeries(storage.SeriesRef(number), series.labels, written...); err != nil {
			return fmt.Errorf("%s: %w", series.labels, err)
		}
	}
	return errors.Join(chunkWriter.Close(), indexWriter.Close())
}

// symbols are all names and values of labels, in order.
func (b *block) symbols() []string {
	all := map[string]bool{}
	for _, series := range b.series {
		series.labels.Range(func(label labels.Label) {
			all[strings.Clone(label.Name)], all[strings.Clone(label.Value)] = true, true
		})
	}
	return slices.Sorted(maps.Keys(all))
}
