package collector

import "iter"

// runs is a set of runs, found by id.
type runs struct {
	// blocks are filled one after the other. A slice that grows would be copied
	// again and again, and hold up to a quarter more than it needs.
	blocks []*[blockSize]run
	count  int
	index  map[int64]int
	active map[int64]struct{} // ids of the runs in an active state
}

const blockSize = 1 << 10

func newRuns() *runs {
	return &runs{index: map[int64]int{}, active: map[int64]struct{}{}}
}

func (rs *runs) at(i int) *run { return &rs.blocks[i/blockSize][i%blockSize] }

// each goes through the runs, in no order.
func (rs *runs) each() iter.Seq[*run] {
	return func(yield func(*run) bool) {
		for i := range rs.count {
			if !yield(rs.at(i)) {
				return
			}
		}
	}
}

// get returns the run with this id, nil where there is none. What it returns
// holds until the next put or remove.
func (rs *runs) get(id int64) *run {
	if i, ok := rs.index[id]; ok {
		return rs.at(i)
	}
	return nil
}

// put adds a run, or replaces the one with its id.
func (rs *runs) put(r run) {
	i, ok := rs.index[r.id]
	if !ok {
		i = rs.count
		rs.index[r.id] = i
		rs.count++
		if i == len(rs.blocks)*blockSize {
			rs.blocks = append(rs.blocks, new([blockSize]run))
		}
	}
	*rs.at(i) = r
	if r.state.active() {
		rs.active[r.id] = struct{}{}
	} else {
		delete(rs.active, r.id)
	}
}

// remove takes a run out; the last one moves to its place.
func (rs *runs) remove(id int64) {
	i, ok := rs.index[id]
	if !ok {
		return
	}
	rs.count--
	last := rs.at(rs.count)
	*rs.at(i) = *last
	rs.index[last.id] = i
	*last = run{}
	rs.blocks = rs.blocks[:(rs.count+blockSize-1)/blockSize]
	delete(rs.index, id)
	delete(rs.active, id)
}
