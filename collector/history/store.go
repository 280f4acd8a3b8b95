package history

import (
	"iter"
	"maps"
	"slices"
)

// store is a set of runs, found by id.
type store struct {
	// blocks are filled one after the other. One growing slice would be copied
	// again and again, and hold up to a quarter more than it needs.
	blocks []*[blockSize]Run
	count  int
	most   int // runs at once, since the maps were made
	index  map[int64]int
	active map[int64]struct{} // ids of the runs in an active state
}

const blockSize = 1 << 10

func newStore() *store {
	return &store{index: map[int64]int{}, active: map[int64]struct{}{}}
}

func (s *store) at(i int) *Run { return &s.blocks[i/blockSize][i%blockSize] }

// all returns the runs, in no order.
func (s *store) all() iter.Seq[*Run] {
	return func(yield func(*Run) bool) {
		for i := range s.count {
			if !yield(s.at(i)) {
				return
			}
		}
	}
}

// get returns the run with this id, nil where there is none. The result is
// valid until the next put or remove.
func (s *store) get(id int64) *Run {
	if i, ok := s.index[id]; ok {
		return s.at(i)
	}
	return nil
}

// put adds a run, or replaces the one with its id.
func (s *store) put(r Run) {
	i, ok := s.index[r.ID]
	if !ok {
		i = s.count
		s.index[r.ID] = i
		s.count++
		s.most = max(s.most, s.count)
		if i == len(s.blocks)*blockSize {
			s.blocks = append(s.blocks, new([blockSize]Run))
		}
	}
	*s.at(i) = r
	if r.State.Active() {
		s.active[r.ID] = struct{}{}
	} else {
		delete(s.active, r.ID)
	}
}

// remove takes a run out. The last run moves to its slot.
func (s *store) remove(id int64) {
	i, ok := s.index[id]
	if !ok {
		return
	}
	s.count--
	last := s.at(s.count)
	*s.at(i) = *last
	s.index[last.ID] = i
	*last = Run{}
	if needed := (s.count + blockSize - 1) / blockSize; needed < len(s.blocks) {
		s.blocks[needed] = nil // else the array would keep it
		s.blocks = s.blocks[:needed]
	}
	delete(s.index, id)
	delete(s.active, id)
	if s.most > blockSize && s.count < s.most/4 {
		s.shrink()
	}
}

// shrink makes the maps anew: they never give memory back.
func (s *store) shrink() {
	s.most = s.count
	s.index, s.active = maps.Collect(maps.All(s.index)), maps.Collect(maps.All(s.active))
	s.blocks = slices.Clone(s.blocks)
}
