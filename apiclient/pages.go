package apiclient

import (
	"context"
	"fmt"
	"iter"
)

const (
	// maxPages ends the reading of a list that never ends: ten million runs.
	maxPages = 100_000
	// maxStepsBack bounds how often one reading goes back over pages.
	maxStepsBack = 3
)

// Pages reads a list page after page, from q.Page on, until its end or until
// the caller stops. While it reads, new runs push old ones down, so that a run
// may come twice; a list that has become shorter is read again from where it
// may have slipped, so that none is passed over. An error ends the sequence.
func (s *Session) Pages(ctx context.Context, q Query) iter.Seq2[*Page, error] {
	if q.PerPage == 0 {
		q.PerPage = MaxPerPage
	}
	q.Page = max(q.Page, 1)
	return s.pagesAfter(ctx, q, nil)
}

// pagesAfter reads on after the page before, which was read from the same list.
func (s *Session) pagesAfter(ctx context.Context, q Query, before *Page) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		for read, stepsBack := 0, 0; ; read++ {
			page, err := s.Page(ctx, q)
			if err == nil {
				err = progress(before, page, read)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if slip := slipped(before, page); slip > 0 && stepsBack < maxStepsBack {
				stepsBack++
				q.Page = max(1, q.Page-(slip+q.PerPage-1)/q.PerPage)
				before = nil
				continue
			}
			if !yield(page, nil) || page.last() {
				return
			}
			before = page
			q.Page++
		}
	}
}

// progress notices a list that does not get on.
func progress(before, page *Page, read int) error {
	if before != nil && page.items() > 0 && page.mark == before.mark {
		return &ResponseError{
			Where: fmt.Sprintf("page %d", page.number),
			Err:   fmt.Errorf("the same items as on page %d", before.number),
		}
	}
	if read >= maxPages {
		return &ResponseError{Where: "pagination", Err: fmt.Errorf("no end after %d pages", maxPages)}
	}
	return nil
}

// slipped returns by how many runs the list has become shorter since the page before.
func slipped(before, page *Page) int {
	if before == nil || !before.Pagination.Known || !page.Pagination.Known {
		return 0
	}
	return max(0, before.Pagination.Total-page.Pagination.Total)
}
