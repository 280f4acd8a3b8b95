package apitest

import (
	"slices"
	"sort"
)

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

// addAll adds many records, in any order, to the lists. They are in byID already.
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

// list holds records, oldest first, so that new ones are added at its end. A
// change in the middle moves all records after it, which takes some tens of
// microseconds in a list of a hundred thousand.
type list []*record

func (l *list) add(c *record) {
	if n := len(*l); n == 0 || oldestFirst((*l)[n-1], c) < 0 {
		*l = append(*l, c)
		return
	}
	i, _ := slices.BinarySearchFunc(*l, c, oldestFirst)
	*l = slices.Insert(*l, i, c)
}

func (l *list) remove(c *record) {
	if i, ok := slices.BinarySearchFunc(*l, c, oldestFirst); ok {
		*l = slices.Delete(*l, i, i+1)
	}
}

// since returns the part of the list that was created after a moment, in
// milliseconds since 1970.
func (l list) since(moment int64) list {
	return l[sort.Search(len(l), func(i int) bool { return l[i].created > moment }):]
}

// page returns the records of a page of the list, newest first or oldest first.
func (l list) page(number, perPage int64, oldest bool) []*record {
	length := int64(len(l))
	if number-1 > length/perPage {
		return nil // the numbers below cannot overflow
	}
	from := min((number-1)*perPage, length)
	to := min(from+perPage, length)
	if oldest {
		return slices.Clone(l[from:to])
	}
	page := slices.Clone(l[length-to : length-from])
	slices.Reverse(page)
	return page
}
