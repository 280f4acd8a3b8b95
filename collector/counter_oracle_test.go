package collector_test

import "time"

// counterOracle says what some counters must be, without a hold: it remembers
// which runs have been seen finished, and what they came to in each group for
// as long as the group was there.
type counterOracle struct {
	begun  time.Time // when the first refresh began
	active map[int64]bool
	seen   map[int64]bool
	groups map[groupKey]*groupCounts
}

type groupCounts struct {
	outcomes map[string]float64
	tests    float64
}

func newCounterOracle() *counterOracle {
	return &counterOracle{active: map[int64]bool{}, seen: map[int64]bool{}, groups: map[groupKey]*groupCounts{}}
}

// scraped forgets the groups that a scrape does not show, and begins new ones.
func (c *counterOracle) scraped(o oracle) {
	shown := o.byGroup()
	for g := range c.groups {
		if shown[g] == nil {
			delete(c.groups, g)
		}
	}
	for g := range shown {
		if c.groups[g] == nil {
			c.groups[g] = &groupCounts{outcomes: map[string]float64{}}
		}
	}
}

// refreshed counts what is seen finished for the first time, but for what was
// created before the first refresh and was never seen active.
func (c *counterOracle) refreshed(o oracle) {
	c.scraped(o)
	first := c.begun.IsZero()
	if first {
		c.begun = o.readAt
		for _, r := range o.runs { // those too that lie too far ahead to be shown
			c.seen[r.ID] = outcomeOf(r) != ""
		}
	}
	for g, runs := range o.byGroup() {
		for _, r := range runs {
			if outcomeOf(r) == "" {
				c.active[r.ID] = true
				continue
			}
			if c.seen[r.ID] {
				continue
			}
			c.seen[r.ID] = true
			if first || (!c.active[r.ID] && r.CreatedAt.Before(c.begun)) {
				continue
			}
			c.groups[g].outcomes[outcomeOf(r)]++
			if r.State == "ended" {
				c.groups[g].tests += float64(testsIn(r))
			}
		}
	}
}

func (c *counterOracle) exposition(o oracle) exposition {
	out := exposition{}
	for g, counts := range c.groups {
		for _, outcome := range []string{"passed", "failed", "error", "cancelled"} {
			out.set(counts.outcomes[outcome], "empirical_finished_runs_total", o.labels(g, "outcome", outcome))
		}
		out.set(counts.tests, "empirical_tests_total", o.labels(g))
	}
	return out
}
