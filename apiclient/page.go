package apiclient

import "slices"

// Page is one answer of the API.
type Page struct {
	Project Project
	// Runs are the items that can be trusted, in the API's order.
	Runs []Run
	// Refused are the items that cannot.
	Refused []Refusal

	pagination  pagination
	number      int      // of the page that was asked for, from 1
	asked       int      // how many items were asked for, or the fewer that full pages of the list have
	fingerprint uint64   // equal for pages of the same items
	raw         itemList // the items as they came, until the page is handed on
}

// pagination is what the API says about the length of the list. It has been seen
// missing and wrong, so no reading may depend on it alone. known is false where
// it is missing or unreadable.
type pagination struct {
	total, totalPages int
	known             bool
}

// RefusalReason says why an item cannot be trusted.
type RefusalReason string

// The reasons to refuse an item.
const (
	RefusedID        RefusalReason = "id"         // missing, or not a positive whole number
	RefusedCreatedAt RefusalReason = "created_at" // missing, not RFC 3339, or too far ahead of the clock
	RefusedCount     RefusalReason = "count"      // negative, not a whole number, or beyond 2^53
	RefusedDuration  RefusalReason = "duration"   // negative, or not a number
	RefusedMalformed RefusalReason = "malformed"  // not an object, or a text of another type
)

// RefusalReasons returns every reason.
func RefusalReasons() []RefusalReason {
	return []RefusalReason{RefusedID, RefusedCreatedAt, RefusedCount, RefusedDuration, RefusedMalformed}
}

// Refusal is one item that was left out.
type Refusal struct {
	Reason      RefusalReason
	ID          int64  // 0 where the item has none that can be read
	Detail      string // for people: the JSON key and what is wrong with it
	Fingerprint uint64 // equal where the same item is read again by this process
}

// items counts all items of the page, also the refused ones.
func (p *Page) items() int { return len(p.Runs) + len(p.Refused) }

// last reports whether the list ends with this page. An empty page always ends
// it. A page with fewer items than asked for ends it where the pagination
// agrees. The pagination alone is not enough. Where page 1 has fewer, the API may
// give no more on any page: then its total decides.
func (p *Page) last() bool {
	if p.items() == 0 {
		return true
	}
	return p.items() < p.asked && p.pagination.known && p.number >= p.pagination.totalPages &&
		(p.number > 1 || p.pagination.total <= p.items())
}

// Total is how many items the API says the list has; known is false where it
// does not say. It is a hint: it has been seen wrong.
func (p *Page) Total() (items int, known bool) { return p.pagination.total, p.pagination.known }

// NewestFirst reports whether no run of the page was created after the one
// before it. The API keeps this order but promises it nowhere. Runs of the same
// instant may come in any order.
func (p *Page) NewestFirst() bool {
	return slices.IsSortedFunc(p.Runs, func(a, b Run) int { return b.CreatedAt.Compare(a.CreatedAt) })
}

// Follows reports whether the page can come after the page before in a list
// that is newest first: each page may be in order while the list is not.
func (p *Page) Follows(before *Page) bool {
	if before == nil || before.number >= p.number || len(before.Runs) == 0 || len(p.Runs) == 0 {
		return true
	}
	return !p.Runs[0].CreatedAt.After(before.Runs[0].CreatedAt)
}

// reaches reports whether a list has come to a run with this page: the page
// shows it, or runs that were created before it.
func (p *Page) reaches(run Run) bool {
	if len(p.Runs) == 0 {
		return false
	}
	last := p.Runs[len(p.Runs)-1]
	return last.CreatedAt.Before(run.CreatedAt) ||
		slices.ContainsFunc(p.Runs, func(r Run) bool { return r.ID == run.ID })
}
