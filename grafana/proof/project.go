package proof

import (
	"context"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

// World is a fake Empirical with two projects that live, and what an exporter and a Prometheus of the past saw of them.
type World struct {
	API      *apitest.Server
	Clock    *Clock
	Keys     map[string]string // API keys by the name that the exporter knows them by
	Projects []*apitest.Project
	lives    []*synth.Life
	shift    time.Duration // from the time of the lives to that of the clock
}

// NewWorld makes projects that have lived for a while when past begins.
func NewWorld(past Past) *World {
	w := &World{Clock: NewClock(past.From), Keys: map[string]string{"checkout": "key-of-checkout", "search": "key-of-search"}}
	w.API = apitest.NewServer(apitest.WithClock(w.Clock.Now))
	checkout := w.API.AddProject("checkout", w.Keys["checkout"])
	checkout.SetName("Checkout")
	checkout.SetRepoName("shop/checkout-tests")
	search := w.API.AddProject("search", w.Keys["search"])
	search.SetName("Search")
	search.SetRepoName("shop/search-tests")

	w.Projects = []*apitest.Project{checkout, search}
	w.shift = past.To.Sub(workingHours(past.To))
	before := past.From.Add(-9 * day).Add(-w.shift) // a day more than the lookback
	w.lives = []*synth.Life{
		synth.New(checkout, before, synth.Options{Seed: 11, RunsPerDay: 45, Branches: 2}),
		synth.New(search, before, synth.Options{Seed: 5, RunsPerDay: 20, Branches: 1}),
	}
	for _, life := range w.lives {
		life.SetCreatedAt(func(at time.Time) time.Time { return at.Add(w.shift) })
	}
	return w
}

// workingHours is the last afternoon of a working day (UTC, as the generated projects have it) before a moment. People
// look at dashboards when something happens; projects that sleep at this hour are taken to be in another time zone.
func workingHours(before time.Time) time.Time {
	at := before.UTC().Truncate(day).Add(15*time.Hour + 30*time.Minute)
	for at.After(before) || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.Add(-day)
	}
	return at
}

// Advance makes the projects live up to a moment.
func (w *World) Advance(to time.Time) {
	for _, life := range w.lives {
		life.Advance(to.Add(-w.shift))
	}
}

// Watch goes through the past and leaves the clock live at its end.
func (w *World) Watch(ctx context.Context, past Past, place Place) error {
	if err := watch(ctx, past, w.API.URL, w.Keys, w.Clock, w.Advance, place); err != nil {
		return err
	}
	w.Clock.GoLive()
	w.Advance(w.Clock.Now())
	return nil
}
