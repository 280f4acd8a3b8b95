package apiclient

import (
	"context"
	"errors"
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
		met, repeated, stepsBack := map[uint64]bool{}, 0, 0
		for read := 0; ; read++ {
			page, err := s.Page(ctx, q)
			if err == nil {
				repeated = countRepeats(met, page, repeated)
				err = progress(page, read, repeated > len(met))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if from := resume(before, page); from < page.number && stepsBack < maxStepsBack {
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

// countRepeats counts the pages in a row that show what was met before.
func countRepeats(met map[uint64]bool, page *Page, repeated int) int {
	if page.items() > 0 && met[page.mark] {
		return repeated + 1
	}
	met[page.mark] = true
	return 0
}

// progress notices a list that does not get on. New runs may push down pages that
// were met before, but then each of them comes once more at the most.
func progress(page *Page, read int, circling bool) error {
	if circling {
		return repeats(page.number)
	}
	if read >= maxPages {
		return &ResponseError{Where: "pagination", Err: fmt.Errorf("no end after %d pages", maxPages)}
	}
	return nil
}

func repeats(number int) error {
	return &ResponseError{
		Where: fmt.Sprintf("page %d", number),
		Err:   errors.New("the same items again and again, whatever page is asked for"),
	}
}

// resume returns the page from which to go on behind the page before, so that no
// run is passed over. Where the list has become shorter since, runs have moved
// up by that much at the most.
func resume(before, page *Page) int {
	if before == nil || !before.Pagination.Known || !page.Pagination.Known {
		return page.number
	}
	slip := max(0, before.Pagination.Total-page.Pagination.Total)
	return min(page.number, max(1, before.number+1-(slip+page.asked-1)/page.asked))
}
