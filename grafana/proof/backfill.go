package proof

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// backfill keeps scrapes of the past and writes them into Prometheus' storage. Prometheus' own promtool would take some
// hundred times as long.
type backfill struct {
	series   map[uint64]*growing
	from, to time.Time
}

// growing is a series that still gets samples.
type growing struct {
	labels   labels.Labels
	chunks   []chunks.Meta
	appender chunkenc.Appender
}

func newBackfill() *backfill { return &backfill{series: map[uint64]*growing{}} }

// add keeps a scrape, as of a given time.
func (b *backfill) add(gatherer prometheus.Gatherer, at time.Time) error {
	families, err := gatherer.Gather()
	if err != nil {
		return fmt.Errorf("scrape the exporter at %s: %w", at, err)
	}
	if b.from.IsZero() {
		b.from = at
	}
	b.to = at
	for _, family := range families {
		for set, value := range samples(family) {
			all := labels.FromMap(set)
			series := b.series[all.Hash()]
			if series == nil {
				series = &growing{labels: all}
				b.series[all.Hash()] = series
			}
			if err := series.append(at, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// samplesPerChunk is how many Prometheus puts into a chunk.
const samplesPerChunk = 120

func (g *growing) append(at time.Time, value float64) error {
	if len(g.chunks) == 0 || last(g.chunks).Chunk.NumSamples() == samplesPerChunk {
		chunk := chunkenc.NewXORChunk()
		appender, err := chunk.Appender()
		if err != nil {
			return err
		}
		g.appender, g.chunks = appender, append(g.chunks, chunks.Meta{Chunk: chunk, MinTime: at.UnixMilli()})
	}
	g.appender.Append(0, at.UnixMilli(), value)
	last(g.chunks).MaxTime = at.UnixMilli()
	return nil
}

func last(all []chunks.Meta) *chunks.Meta { return &all[len(all)-1] }

// write writes all that was kept into the storage in the directory data.
func (b *backfill) write(ctx context.Context, data string) error {
	made := &block{from: b.from, to: b.to}
	for _, series := range b.series {
		made.series = append(made.series, blockSeries{series.labels, series.chunks})
	}
	return made.write(ctx, data)
}
