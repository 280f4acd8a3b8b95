package proof

import (
	"context"
	"path/filepath"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const day = 24 * time.Hour

// Past is a span of time in which Prometheus would have scraped the exporter, had both been there.
type Past struct {
	From, To time.Time
	Step     time.Duration // between scrapes
}

// defaults are those of the exporter's flags.
func defaults() collector.Config {
	return collector.Config{
		Lookback:       8 * day,
		Windows:        []collector.Window{{Name: "1d", Length: day}, {Name: "7d", Length: 7 * day}},
		Branches:       regexp.MustCompile(`^(?s:.*)$`),
		MaxGroups:      200,
		ZeroHold:       2 * time.Minute,
		ResyncInterval: time.Hour,
		MinInterval:    10 * time.Second,
		MaxStaleness:   5 * time.Minute,
	}
}

// watch goes through the past of some projects: at each step the clock is set, advance makes the projects live up to it,
// and what the exporter says of them is kept in Prometheus' storage in its place.
func watch(ctx context.Context, past Past, url string, keys map[string]string, clock *Clock, advance func(time.Time), place Place) error {
	clock.Set(past.From)
	exporter, err := newExporter(url, keys, clock)
	if err != nil {
		return err
	}
	defer exporter.Close()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(exporter); err != nil {
		return err
	}
	kept := &backfill{root: place.Root, directory: place.Directory}
	for at := past.From; at.Before(past.To); at = at.Add(past.Step) {
		clock.Set(at)
		advance(at)
		exporter.Refresh(ctx)
		if err := kept.add(registry, at); err != nil {
			return err
		}
	}
	return kept.finish(ctx, filepath.Join(place.Directory, "data"))
}

func newExporter(url string, keys map[string]string, clock *Clock) (*collector.Exporter, error) {
	var all []collector.Key
	for name, text := range keys {
		client, err := apiclient.New(url, apiclient.KeyText(text, "the living project"), apiclient.WithMaxRate(0))
		if err != nil {
			return nil, err
		}
		all = append(all, collector.Key{Name: name, Client: client})
	}
	return collector.New(all, defaults(), collector.WithClock(clock.Now)), nil
}
