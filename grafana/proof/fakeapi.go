package proof

import (
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

// FakeAPI is Empirical's API in memory, with two projects in which tests run.
type FakeAPI struct {
	Server   *apitest.Server
	Keys     map[string]string // API keys by the names that the exporter has for them
	Projects []*apitest.Project

	clock *clock
	lives []*synth.Life
	shift time.Duration // from the time of the lives to that of the clock
}

// NewFakeAPI makes projects that have had runs for a while when the past begins.
func NewFakeAPI(past Past) *FakeAPI {
	a := &FakeAPI{clock: &clock{now: past.From}, Keys: map[string]string{"checkout": "key-of-checkout", "search": "key-of-search"}}
	a.Server = apitest.NewServer(apitest.WithClock(a.clock.Now))
	checkout := a.Server.AddProject("checkout", a.Keys["checkout"])
	checkout.SetName("Checkout")
	checkout.SetRepoName("shop/checkout-tests")
	search := a.Server.AddProject("search", a.Keys["search"])
	search.SetName("Search")
	search.SetRepoName("shop/search-tests")

	a.Projects = []*apitest.Project{checkout, search}
	a.shift = past.To.Sub(workingHours(past.To))
	before := past.From.Add(-9 * day).Add(-a.shift) // a day more than the lookback
	a.lives = []*synth.Life{
		synth.New(checkout, before, synth.Options{Seed: 11, RunsPerDay: 45, Branches: 2}),
		synth.New(search, before, synth.Options{Seed: 5, RunsPerDay: 20, Branches: 1}),
	}
	for _, life := range a.lives {
		life.SetCreatedAt(func(at time.Time) time.Time { return at.Add(a.shift) })
	}
	return a
}

// workingHours returns the last afternoon of a working day before a moment (UTC, as the generated projects have it).
// People look at dashboards when something happens. So projects in which nothing runs at this hour are taken to be in
// another time zone.
func workingHours(before time.Time) time.Time {
	at := before.UTC().Truncate(day).Add(15*time.Hour + 30*time.Minute)
	for at.After(before) || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.Add(-day)
	}
	return at
}

// Advance makes in the projects what has happened until now.
func (a *FakeAPI) Advance() { a.liveUntil(a.clock.Now()) }

func (a *FakeAPI) liveUntil(at time.Time) {
	for _, life := range a.lives {
		life.Advance(at.Add(-a.shift))
	}
}
