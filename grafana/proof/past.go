package proof

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const day = 24 * time.Hour

// dataDirectory is where Prometheus' storage is, in the directory of a Config.
const dataDirectory = "data"

// Past is a span of time for which Prometheus gets scrapes that it did not make.
type Past struct {
	From, To time.Time
	Step     time.Duration // between scrapes
}

// replay goes through the past. At each step the clock is set, the projects live up to it, and a scrape of an exporter is
// kept. At the end the clock is the machine's.
func (a *FakeAPI) replay(ctx context.Context, past Past) (*backfill, error) {
	a.clock.Set(past.From)
	exporter, err := a.newExporter()
	if err != nil {
		return nil, err
	}
	defer exporter.Close()
	registry := prometheus.NewRegistry()
	if err := registry.Register(exporter); err != nil {
		return nil, err
	}
	kept := newBackfill()
	for at := past.From; at.Before(past.To); at = at.Add(past.Step) {
		a.clock.Set(at)
		a.liveUntil(at)
		exporter.Refresh(ctx)
		if err := kept.add(registry, at); err != nil {
			return nil, err
		}
	}
	a.clock.UseMachineTime()
	a.Advance()
	return kept, nil
}

// newExporter returns an exporter in this process, which goes by the clock of the API.
func (a *FakeAPI) newExporter() (*collector.Exporter, error) {
	var keys []collector.Key
	for _, made := range a.made {
		client, err := apiclient.New(a.Server.URL, apiclient.KeyText(a.Keys[made.slug], "the fake API"), apiclient.WithMaxRate(0))
		if err != nil {
			return nil, err
		}
		keys = append(keys, collector.Key{Name: made.slug, Client: client, Settings: collector.Settings{Team: made.team}})
	}
	return collector.New(keys, collector.DefaultConfig(), collector.WithClock(a.clock.Now)), nil
}
