package apitest

import "slices"

// index finds the runs of a project by id, and lists them by state and result.
type index struct {
	byID    map[int64]*record
	all     list
	byState map[text]*list
	passed  list
	failed  list
}

func newIndex() *index {
	return &index{byID: map[int64]*record{}, byState: map[text]*list{}}
}

// lists returns the lists that a record belongs to.
func (x *index) lists(c *record, endedText text) []*list {
	state := x.byState[c.state]
	if state == nil {
		state = &list{}
		x.byState[c.state] = state
	}
	switch {
	case c.state != endedText:
		return []*list{&x.all, state}
	case c.failed:
		return []*list{&x.all, state, &x.failed}
	default:
		return []*list{&x.all, state, &x.passed}
	}
}

func (x *index) add(c *record, endedText text) {
	x.byID[c.id] = c
	for _, l := range x.lists(c, endedText) {
		l.add(c)
	}
}

func (x *index) remove(c *record, endedText text) {
	delete(x.byID, c.id)
	for _, l := range x.lists(c, endedText) {
		l.remove(c)
	}
}

// addAll adds many records, whose ids are known already, to the lists at once,
// in any order.
func (x *index) addAll(records []record, endedText text) {
	touched := map[*list]bool{}
	for i := range records {
		c := &records[i]
		for _, l := range x.lists(c, endedText) {
			*l = append(*l, c)
			touched[l] = true
		}
	}
	for l := range touched {
		if !slices.IsSortedFunc(*l, oldestFirst) {
			slices.SortFunc(*l, oldestFirst)
		}
	}
}
