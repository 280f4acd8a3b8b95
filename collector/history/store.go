package history

import (
	"iter"
	"unique"
)

// store is a set of runs, found by id and by group key.
type store struct {
	// blocks are filled one after the other. One growing slice would be copied
	// again and again, and hold up to a quarter more than it needs.
	blocks []*[blockSize]Run
	used   int32   // slots of the blocks that have held a run
	free   []int32 // those of them that hold none now
	count  int
	index  map[int64]int32    // slots by id
	active map[int64]struct{} // ids of the runs in an active state

	groups  map[unique.Handle[GroupKey]]*Group
	version uint64 // of the last change to a group
}

const blockSize = 1 << 10

func newStore() *store {
	return &store{index: map[int64]int32{}, active: map[int64]struct{}{}, groups: map[unique.Handle[GroupKey]]*Group{}}
}

func (s *store) at(slot int32) *Run { return &s.blocks[slot/blockSize][slot%blockSize] }

// all returns the runs, in no order.
func (s *store) all() iter.Seq[*Run] {
	return func(yield func(*Run) bool) {
		for slot := range s.used {
			if r := s.at(slot); r.held() && !yield(r) {
				return
			}
		}
	}
}

// get returns the run with this id, nil where there is none. The result is
// valid until the next put or remove.
func (s *store) get(id int64) *Run {
	if slot, ok := s.index[id]; ok {
		return s.at(slot)
	}
	return nil
}

// put adds a run, or replaces the one with its id.
func (s *store) put(r Run) {
	slot, ok := s.index[r.ID]
	if !ok {
		slot = s.newSlot()
		s.index[r.ID] = slot
		s.count++
	}
	before := *s.at(slot)
	if before == r {
		return // a refresh meets many runs that it held
	}
	*s.at(slot) = r
	s.regroup(slot, &before)
	if r.State.Active() {
		s.active[r.ID] = struct{}{}
	} else {
		delete(s.active, r.ID)
	}
}

func (s *store) newSlot() int32 {
	if last := len(s.free) - 1; last >= 0 {
		slot := s.free[last]
		s.free = s.free[:last]
		return slot
	}
	if int(s.used) == len(s.blocks)*blockSize {
		s.blocks = append(s.blocks, new([blockSize]Run))
	}
	s.used++
	return s.used - 1
}

// remove takes a run out. Runs that go at once must not be removed while all
// goes through them.
func (s *store) remove(id int64) {
	slot, ok := s.index[id]
	if !ok {
		return
	}
	before := *s.at(slot)
	*s.at(slot) = Run{}
	s.regroup(slot, &before)
	s.free = append(s.free, slot)
	s.count--
	delete(s.index, id)
	delete(s.active, id)
	if len(s.free) > blockSize && len(s.free) > s.count {
		s.shrink()
	}
}

// shrink makes everything anew, in half of the memory or less: maps never give
// any back, and the runs that are left stand in all blocks.
func (s *store) shrink() {
	smaller := newStore()
	smaller.version = s.version
	for r := range s.all() {
		smaller.put(*r)
	}
	*s = *smaller
	for _, g := range s.groups {
		g.runs = s
	}
}
