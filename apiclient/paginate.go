package apiclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

const (
	// maxPages ends the reading of a list that never ends. It is ten million runs.
	maxPages = 100_000
	// spareStepsBack is how many pages a reading may step back beyond those
	// that it has come forward.
	spareStepsBack = 20
)

// Pages reads a list page after page, from q.Page until the list ends or the
// caller stops. No run that is in the list all the time is missed, but a run can
// come twice: new runs push the others down, and where the list became shorter,
// the reading steps back to the page from which runs may have moved up. That ends
// where it would read the list more than about three times. A run that leaves while
// another enters below hides that runs have moved up. An error ends the sequence.
func (s *Session) Pages(ctx context.Context, q Query) iter.Seq2[*Page, error] {
	if q.PerPage == 0 {
		q.PerPage = MaxPerPage
	}
	q.Page, q.full = max(q.Page, 1), 0
	return s.pagesAfter(ctx, q, nil)
}

// pagesAfter is like Pages. before is the page of the same list that was read
// last, nil for none.
func (s *Session) pagesAfter(ctx context.Context, q Query, before *Page) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		course := course{first: q.Page, furthest: q.Page, full: q.full, seen: map[uint64]bool{}}
		for {
			page, err := s.Page(ctx, q)
			if isBehindEnd(err, before, q) {
				return
			}
			if err == nil {
				err = course.add(page)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if from := course.resumeFrom(before, page); from < page.number {
				q.Page = from
				continue
			}
			if !yield(page, nil) || page.last() {
				return
			}
			before = page
			q.Page = page.number + 1
		}
	}
}

// isBehindEnd reports whether a 404 only says that the page before was the last,
// which nobody could know: its pagination promises no more.
func isBehindEnd(err error, before *Page, q Query) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && status.Code == http.StatusNotFound && before != nil && before.number < q.Page &&
		(!before.pagination.known || before.pagination.totalPages < q.Page)
}

// course is the way of one reading through the pages of a list.
type course struct {
	first, furthest int // pages
	full            int // how many items a full page has; 0 until the first page
	pages           int // read so far
	stepsBack       int // pages

	seen     map[uint64]bool // pages, by fingerprint
	repeated int             // pages in a row that had been seen before
}

// add adds a page that was read. It returns an error where the list never ends.
// New runs can push down pages that were seen before, but then each of them comes
// at most once more, and a step back repeats at most twice as many pages; circling
// means that more pages came again than that.
func (c *course) add(page *Page) error {
	if c.full > 0 {
		page.asked = min(page.asked, c.full)
	} else {
		c.full = page.items()
	}
	c.furthest = max(c.furthest, page.number)
	c.pages++
	if page.items() > 0 && c.seen[page.fingerprint] {
		c.repeated++
	} else {
		c.seen[page.fingerprint], c.repeated = true, 0
	}
	if c.repeated > len(c.seen)+2*c.stepsBack {
		return &ResponseError{
			Where: fmt.Sprintf("page %d", page.number),
			Err:   errors.New("the same items again and again, whatever page is asked for"),
		}
	}
	if c.pages > maxPages {
		return &ResponseError{Where: "pagination", Err: fmt.Errorf("no end after %d pages", maxPages)}
	}
	return nil
}

// resumeFrom returns the number of the page to go on with, so that no run is
// missed. It is the page itself, or an earlier one where the list became shorter
// after the page before was read: runs have then moved up, by as many places as
// the list lost at most.
func (c *course) resumeFrom(before, page *Page) int {
	if before == nil || !before.pagination.known || !page.pagination.known {
		return page.number
	}
	lost := max(0, before.pagination.total-page.pagination.total)
	from := max(1, before.number+1-(lost+page.asked-1)/page.asked)
	allowed := c.furthest - c.first + spareStepsBack - c.stepsBack
	from = max(from, page.number-allowed)
	c.stepsBack += max(0, page.number-from)
	return min(from, page.number)
}
