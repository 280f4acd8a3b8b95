package proof

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// largePast is a block with the series of one scrape, and samples each 30 seconds for weeks before it. The samples are not
// those of the scrape: series with the same shape have their chunks in common, so that little is computed.
type largePast struct {
	block
	shapes map[shape][]chunks.Meta
}

// What is asked of the past is asked of default branches alone.
const (
	longest     = 29 * day // of empirical_recent_runs, which is asked for 28 days
	ofFront     = 8 * day  // of a graph, and a day before it
	ofFeatures  = 8 * time.Hour
	chunkLength = time.Hour
	scrapeEvery = 30 * time.Second
)

func newLargePast(to time.Time) *largePast {
	return &largePast{block: block{from: to.Add(-longest), to: to}, shapes: map[shape][]chunks.Meta{}}
}

// add adds a series, which ends with about a value.
func (p *largePast) add(set map[string]string, value float64) error {
	span := ofFront
	branch, has := set["branch"]
	switch {
	case has && branch != "main":
		span = ofFeatures
	case set["__name__"] == "empirical_recent_runs":
		span = longest
	}
	all, err := p.chunks(shapeOf(set["__name__"], value))
	if err != nil {
		return err
	}
	p.series = append(p.series, blockSeries{labels.FromMap(set), all[len(all)-int(span/chunkLength):]})
	return nil
}

// chunks returns those of a shape, the newest last.
func (p *largePast) chunks(s shape) ([]chunks.Meta, error) {
	if p.shapes[s] == nil {
		for at := p.from; at.Before(p.to); at = at.Add(chunkLength) {
			chunk, err := p.chunk(s, at)
			if err != nil {
				return nil, err
			}
			p.shapes[s] = append(p.shapes[s], chunk)
		}
	}
	return p.shapes[s], nil
}

func (p *largePast) chunk(s shape, from time.Time) (chunks.Meta, error) {
	chunk := chunkenc.NewXORChunk()
	appender, err := chunk.Appender()
	if err != nil {
		return chunks.Meta{}, fmt.Errorf("make a chunk: %w", err)
	}
	at := from
	for ; at.Before(from.Add(chunkLength)); at = at.Add(scrapeEvery) {
		value := s.value + float64(int(s.perHour*at.Sub(p.from).Hours()))
		if s.moment {
			value = float64(p.to.Add(-chunkLength).Unix())
		}
		appender.Append(0, at.UnixMilli(), value)
	}
	return chunks.Meta{Chunk: chunk, MinTime: from.UnixMilli(), MaxTime: at.Add(-scrapeEvery).UnixMilli()}, nil
}

// shape is how the values of a series go: all the same, a counter that grows, or a moment shortly before the end.
type shape struct {
	value, perHour float64
	moment         bool
}

func shapeOf(name string, value float64) shape {
	coarse := float64(int(min(value, 9)))
	switch {
	case strings.HasSuffix(name, "_timestamp_seconds"):
		return shape{moment: true}
	case strings.HasSuffix(name, "_total"), strings.HasSuffix(name, "_bucket"):
		return shape{perHour: coarse}
	default:
		return shape{value: coarse}
	}
}
