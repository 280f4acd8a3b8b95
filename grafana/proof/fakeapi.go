package proof

import (
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

// FakeAPI is Empirical's API in memory, with projects in which tests run.
type FakeAPI struct {
	Server   *apitest.Server
	Keys     map[string]string // API keys by the names that the exporter has for them
	Projects []*apitest.Project

	clock *clock
	made  []madeUp
	lives []*synth.Life
	shift time.Duration // from the time of the lives to that of the clock
}

// NewFakeAPI makes so many projects, which have had runs for a while when the past begins.
func NewFakeAPI(past Past, projects int) *FakeAPI {
	a := &FakeAPI{clock: &clock{now: past.From}, Keys: map[string]string{}, made: madeUpProjects(projects)}
	a.Server = apitest.NewServer(apitest.WithClock(a.clock.Now))
	a.shift = past.To.Sub(workingHours(past.To))
	before := past.From.Add(-9 * day).Add(-a.shift) // a day more than the lookback
	for number, made := range a.made {
		a.Keys[made.slug] = "key-of-" + made.slug
		project := a.Server.AddProject(made.slug, a.Keys[made.slug])
		project.SetName(made.name)
		project.SetRepoName("shop/" + made.slug + "-tests")
		life := synth.New(project, before, synth.Options{
			Seed: uint64(11 + 6*number), RunsPerDay: float64(20 + 25*((number+1)%2)), Branches: 1 + (number+1)%2,
		})
		life.SetCreatedAt(func(at time.Time) time.Time { return at.Add(a.shift) })
		a.Projects, a.lives = append(a.Projects, project), append(a.lives, life)
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
