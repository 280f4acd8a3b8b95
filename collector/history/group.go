package history

import (
	"cmp"
	"slices"
	"sort"
	"unique"
)

// Group is the runs of one group key, oldest first. It is valid as long as the
// [View] that yields it.
type Group struct {
	key     unique.Handle[GroupKey]
	version uint64
	runs    *store
	count   int // runs

	// slots are those of the runs. A run that comes is added at the end, and one
	// that goes leaves its slot behind: until the group is tidy again they are in
	// no order, some twice, and some hold no run of this group.
	slots []int32
	tidy  bool
}

// Key returns the group key.
func (g *Group) Key() unique.Handle[GroupKey] { return g.key }

// Version returns another number after each change to the group's runs, and to
// which runs those are.
func (g *Group) Version() uint64 { return g.version }

// Len returns how many runs there are.
func (g *Group) Len() int { return len(g.slots) }

// Run returns the run at a position below Len.
func (g *Group) Run(i int) *Run { return g.runs.at(g.slots[i]) }

// After returns the position of the first run that was created after a moment,
// in nanoseconds since 1970; Len where there is none.
func (g *Group) After(moment int64) int {
	return sort.Search(len(g.slots), func(i int) bool { return g.Run(i).Created > moment })
}

// held reports whether a slot holds a run.
func (r *Run) held() bool { return r.Group != unique.Handle[GroupKey]{} }

// regroup notes in the groups that a slot held another run before, or none.
func (s *store) regroup(slot int32, before *Run) {
	now := s.at(slot)
	stays := before.Group == now.Group && before.ID == now.ID && before.Created == now.Created
	s.version++
	if before.held() {
		g := s.groups[before.Group]
		g.version = s.version
		if !stays {
			s.leave(g)
		}
	}
	if now.held() && !stays {
		s.enter(slot, now)
	}
}

func (s *store) leave(g *Group) {
	g.tidy = false
	if g.count--; g.count == 0 {
		delete(s.groups, g.key)
	}
}

func (s *store) enter(slot int32, r *Run) {
	g := s.groups[r.Group]
	if g == nil {
		g = &Group{key: r.Group, runs: s, tidy: true}
		s.groups[r.Group] = g
	}
	if g.tidy && g.count > 0 {
		g.tidy = r.Newer(g.Run(g.count - 1))
	}
	g.slots = append(g.slots, slot)
	g.count++
	g.version = s.version
	const few = 16
	if len(g.slots) > 2*g.count+few {
		g.tidyUp() // else it would grow for ever where nobody looks
	}
}

// tidyUp leaves each run once, oldest first.
func (g *Group) tidyUp() {
	if g.tidy {
		return
	}
	g.slots = slices.DeleteFunc(g.slots, func(slot int32) bool { return g.runs.at(slot).Group != g.key })
	slices.SortFunc(g.slots, func(a, b int32) int {
		x, y := g.runs.at(a), g.runs.at(b)
		return cmp.Or(cmp.Compare(x.Created, y.Created), cmp.Compare(x.ID, y.ID))
	})
	g.slots = slices.Compact(g.slots)
	g.tidy = true
}

// follow makes the store one that comes in place of another: no group has a
// version that it had there.
func (s *store) follow(other *store) {
	s.version += other.version
	for _, g := range s.groups {
		g.version += other.version
	}
}
