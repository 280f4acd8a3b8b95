package collector_test

// counted is the naive view of the counters: which runs have been seen
// finished, and what they came to in each group for as long as it was there.
type counted struct {
	begun  bool
	known  map[int64]bool
	groups map[pair]groupCounts
}

type groupCounts struct {
	outcomes map[string]float64
	tests    float64
}

func newCounted() *counted {
	return &counted{known: map[int64]bool{}, groups: map[pair]groupCounts{}}
}

// served forgets the groups that a scrape does not show, and begins those that are new.
func (c *counted) served(n naive) {
	pairs := n.pairs()
	for p := range c.groups {
		if pairs[p] == nil {
			delete(c.groups, p)
		}
	}
	for p := range pairs {
		if _, there := c.groups[p]; !there {
			c.groups[p] = groupCounts{outcomes: map[string]float64{}}
		}
	}
}

// refreshed counts what is seen finished for the first time, but for what the
// first refresh finds so.
func (c *counted) refreshed(n naive) {
	c.served(n)
	for p, runs := range n.pairs() {
		for _, r := range runs {
			if outcomeOf(r) == "" || c.known[r.ID] {
				continue
			}
			c.known[r.ID] = true
			if !c.begun {
				continue
			}
			g := c.groups[p]
			g.outcomes[outcomeOf(r)]++
			if r.State == "ended" {
				g.tests += float64(testsIn(r))
			}
			c.groups[p] = g
		}
	}
	c.begun = true
}

// exposition returns the counters that are modelled, without a hold.
func (c *counted) exposition(n naive) exposition {
	out := exposition{}
	for p, g := range c.groups {
		for _, outcome := range []string{"passed", "failed", "error", "cancelled"} {
			out.set(g.outcomes[outcome], "empirical_finished_runs_total", n.labels(p, "outcome", outcome))
		}
		out.set(g.tests, "empirical_tests_total", n.labels(p))
	}
	return out
}
