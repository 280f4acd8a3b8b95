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
	// maxStepsBack bounds how often one reading steps back to earlier pages.
	maxStepsBack = 3
)

// Pages reads a list page after page, from q.Page until the list ends or the
// caller stops. No run that is in the list all the time is missed, but a run can
// come twice: new runs push the others down, and where the list became shorter,
// the reading steps back to the page from which runs may have moved up. An error
// ends the sequence.
func (s *Session) Pages(ctx context.Context, q Query) iter.Seq2[*Page, error] {
	if q.PerPage == 0 {
		q.PerPage = MaxPerPage
	}
	q.Page = max(q.Page, 1)
	return s.pagesAfter(ctx, q, nil)
}

// pagesAfter is like Pages. before is the page of the same list that was read
// last, nil for none.
func (s *Session) pagesAfter(ctx context.Context, q Query, before *Page) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		seen, repeated, stepsBack := map[uint64]bool{}, 0, 0
		for read := 0; ; read++ {
			page, err := s.Page(ctx, q)
			if isBehindEnd(err, before, q) {
				return
			}
			if err == nil {
				repeated = countRepeats(seen, page, repeated)
				err = checkProgress(page, read, repeated > len(seen))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if from := resumeFrom(before, page); from < page.number && stepsBack < maxStepsBack {
				stepsBack++
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

// countRepeats returns how many pages in a row have been seen before, this page
// included. repeated is the count before it.
func countRepeats(seen map[uint64]bool, page *Page, repeated int) int {
	if page.items() > 0 && seen[page.fingerprint] {
		return repeated + 1
	}
	seen[page.fingerprint] = true
	return 0
}

// checkProgress returns an error where the list never ends. New runs can push
// down pages that were seen before, but then each of them comes at most once
// more; circling means that more pages came again than were ever seen.
func checkProgress(page *Page, read int, circling bool) error {
	if circling {
		return &ResponseError{
			Where: fmt.Sprintf("page %d", page.number),
			Err:   errors.New("the same items again and again, whatever page is asked for"),
		}
	}
	if read >= maxPages {
		return &ResponseError{Where: "pagination", Err: fmt.Errorf("no end after %d pages", maxPages)}
	}
	return nil
}

// resumeFrom returns the number of the page to go on with, so that no run is
// missed. It is the page itself, or an earlier one where the list became shorter
// after the page before was read: runs have then moved up, by as many places as
// the list lost at most.
func resumeFrom(before, page *Page) int {
	if before == nil || !before.pagination.known || !page.pagination.known {
		return page.number
	}
	lost := max(0, before.pagination.total-page.pagination.total)
	return min(page.number, max(1, before.number+1-(lost+page.asked-1)/page.asked))
}
