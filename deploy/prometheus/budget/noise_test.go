package budget

import (
	"fmt"
	"testing"
	"time"
)

const (
	day      = 24 * time.Hour
	lookback = 8 * day // of the exporter
	month    = 28 * day
)

// monday is when the tests begin.
var monday = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

// kind is a kind of project in which nothing happens: a steady share of its runs fails.
type kind struct {
	name         string
	projects     int
	environments int
	life         life
	mean         float64 // episodes of a group, all alerts together, at most
	most         int     // the same for the worst group
}

// kinds are the projects of two worlds, of ten each.
var kinds = [][]kind{
	{
		{"steady10", 5, 2, life{least: 6, most: 10, fails: 0.1, tests: 100, flaky: 0.01}, 1, 3},
		{"seasonal", 2, 2, life{least: 6, most: 10, fails: 0.1, tests: 100, flaky: 0.01, opens: 8, closes: 18, workdays: true}, 1, 3},
		{"nightly", 2, 1, life{least: 1, most: 1, fails: 0.1, tests: 200, flaky: 0.01, opens: 2, closes: 3}, 1, 3},
		{"busy", 1, 1, life{least: 150, most: 250, fails: 0.1, tests: 100, flaky: 0.01}, 1, 3},
	},
	{
		{"steady20", 5, 2, life{least: 6, most: 10, fails: 0.2, tests: 100, flaky: 0.01}, 5, 10},
		{"weekdays", 2, 2, life{least: 2, most: 20, fails: 0.05, tests: 300, flaky: 0.01, opens: 8, closes: 18, workdays: true}, 1, 3},
		{"small", 3, 1, life{least: 1, most: 4, fails: 0.1, tests: 20, flaky: 0.02}, 1, 3},
	},
}

func (k kind) made() []project {
	var all []project
	for i := range k.projects {
		p := project{name: fmt.Sprintf("%s-%d", k.name, i), from: monday.Add(-lookback), to: monday.Add(month)}
		for j := range k.environments {
			p.groups = append(p.groups, group{fmt.Sprintf("e%d", j), k.life})
		}
		all = append(all, p)
	}
	return all
}

// TestNoise replays 28 days of all kinds, each half hour, and counts what is told.
func TestNoise(t *testing.T) {
	t.Parallel()
	for _, world := range kinds {
		t.Run(world[0].name, func(t *testing.T) {
			t.Parallel()
			var projects []project
			for _, k := range world {
				projects = append(projects, k.made()...)
			}
			told := newWorld(t, monday, projects...).replay(t, monday, monday.Add(month), 30*time.Minute)
			for _, e := range told {
				t.Log(e)
				if e.labels.Get("project") == "" {
					t.Errorf("nothing happens to all projects at once: %s", e)
				}
			}
			for _, k := range world {
				k.check(t, told)
			}
		})
	}
}

// check counts the episodes of a kind. One of a project as a whole counts for each of
// its groups.
func (k kind) check(t *testing.T, told []*episode) {
	t.Helper()
	sum := 0
	for _, p := range k.made() {
		for _, g := range p.groups {
			n := 0
			for _, e := range told {
				if e.labels.Get("project") != p.name || e.labels.Has("environment") && e.labels.Get("environment") != g.environment {
					continue
				}
				n++
				if k.life.workdays && atWeekend(e) {
					t.Errorf("begins when there are no runs: %s", e)
				}
			}
			if sum += n; n > k.most {
				t.Errorf("%s/%s: %d episodes, want %d at most", p.name, g.environment, n, k.most)
			}
		}
	}
	mean := float64(sum) / float64(k.projects*k.environments)
	t.Logf("%s: %.2f episodes of a group", k.name, mean)
	if mean > k.mean {
		t.Errorf("%s: %.2f episodes of a group, want %v at most", k.name, mean, k.mean)
	}
}
