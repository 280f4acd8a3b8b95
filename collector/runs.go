package collector

// runs is a set of runs, found by id.
type runs struct {
	all    []run // in no order
	index  map[int64]int
	active map[int64]struct{} // ids of the runs in an active state
}

func newRuns() *runs {
	return &runs{index: map[int64]int{}, active: map[int64]struct{}{}}
}

// get returns the run with this id, nil where there is none. What it returns
// holds until the next put or remove.
func (rs *runs) get(id int64) *run {
	if at, ok := rs.index[id]; ok {
		return &rs.all[at]
	}
	return nil
}

// put adds a run, or replaces the one with its id.
func (rs *runs) put(r run) {
	if at, ok := rs.index[r.id]; ok {
		rs.all[at] = r
	} else {
		rs.index[r.id] = len(rs.all)
		rs.all = append(rs.all, r)
	}
	if r.state.active() {
		rs.active[r.id] = struct{}{}
	} else {
		delete(rs.active, r.id)
	}
}

func (rs *runs) remove(id int64) {
	at, ok := rs.index[id]
	if !ok {
		return
	}
	last := len(rs.all) - 1
	rs.all[at] = rs.all[last]
	rs.index[rs.all[at].id] = at
	rs.all[last] = run{}
	rs.all = rs.all[:last]
	delete(rs.index, id)
	delete(rs.active, id)
}
