package apitest

import (
	"slices"
	"sort"
)

// list holds records, oldest first, so that the newest are added at its end.
// A change in its middle moves the records behind it: some tens of
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

// page returns the records of a page, the list's newest first, or with oldest
// its oldest first.
func (l list) page(number, perPage int64, oldest bool) []*record {
	length := int64(len(l))
	if number-1 > length/perPage {
		return nil // and nothing below can overflow
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
