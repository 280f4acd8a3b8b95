package apiclient

import (
	"cmp"
	"slices"
)

// Page is one answer of the API.
type Page struct {
	Project Project
	// Runs are the items that can be trusted, in the API's order.
	Runs []Run
	// Refused are the items that cannot.
	Refused []Refusal
	// Pagination is what the API says of the list; it has been seen missing and
	// wrong, so that nothing may rest on it alone.
	Pagination Pagination

	number int    // the page that was asked for
	asked  int    // items asked for
	mark   uint64 // the same for a page of the same runs
}

// Pagination is the API's word on where a page stands. Known is false where its
// totals are missing or unreadable.
type Pagination struct {
	Page, PerPage, Total, TotalPages int
	Known                            bool
}

// RefusalReason says what made an item untrustworthy.
type RefusalReason string

// The reasons to refuse an item.
const (
	RefusedID        RefusalReason = "id"         // missing, or not a positive whole number
	RefusedCreatedAt RefusalReason = "created_at" // missing, not RFC 3339, or too far ahead of the clock
	RefusedCount     RefusalReason = "count"      // negative, not a whole number, or beyond 2^53
	RefusedDuration  RefusalReason = "duration"   // negative, or not a number
	RefusedMalformed RefusalReason = "malformed"  // not an object, or a text that is no text
)

// RefusalReasons returns every reason.
func RefusalReasons() []RefusalReason {
	return []RefusalReason{RefusedID, RefusedCreatedAt, RefusedCount, RefusedDuration, RefusedMalformed}
}

// Refusal tells of one item that was left out.
type Refusal struct {
	Reason RefusalReason
	ID     int64  // 0 where the item has none that can be read
	Detail string // for people: the key and what is wrong with it
	Mark   uint64 // the same for the same item met again
}

// items counts all items of the page, refused ones too.
func (p *Page) items() int { return len(p.Runs) + len(p.Refused) }

// last tells whether the list ends with this page: an empty page always ends
// it; a short one does where the pagination agrees. total_pages alone is not believed.
func (p *Page) last() bool {
	if p.items() == 0 {
		return true
	}
	return p.items() < p.asked && p.Pagination.Known && p.number >= p.Pagination.TotalPages
}

// NewestFirst tells whether the page is in the order that the API keeps but
// nowhere promises: by creation time, then by id, the highest first.
func (p *Page) NewestFirst() bool {
	return slices.IsSortedFunc(p.Runs, NewestFirst)
}

// Follows tells whether the page can stand behind another of the same list:
// pages may be in order each and not together.
func (p *Page) Follows(before *Page) bool {
	if before == nil || before.number >= p.number || len(before.Runs) == 0 || len(p.Runs) == 0 {
		return true
	}
	return NewestFirst(before.Runs[0], p.Runs[0]) <= 0
}

// NewestFirst orders runs by creation time, then by id, the highest first.
func NewestFirst(a, b Run) int {
	if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
		return c
	}
	return cmp.Compare(b.ID, a.ID)
}
