package apiclient

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Whole reads a whole list, as many pages at once as the client may ask for, and
// hands every page to visit, one call at a time and in no order. Runs may come
// more than once, but none is passed over because the list moved meanwhile:
//
// The list is cut into stretches that are read side by side, each page after
// page, so that runs pushed down by new ones are met again and not missed. Only
// between two stretches can runs slip through, from a page read late to one read
// early; so each stretch is read on at last, until it meets where the next began.
//
// It rests on the order newest first. Where a page breaks it, the list is read
// once more, one page after the other.
func (s *Session) Whole(ctx context.Context, q Query, visit func(*Page) error) error {
	q.Page, q.PerPage = 1, MaxPerPage
	first, err := s.Page(ctx, q)
	if err != nil {
		return err
	}
	w := &whole{session: s, query: q, visit: visit}
	if err := w.take(first, nil); err != nil || first.last() {
		return err
	}
	if err := w.all(ctx, cut(first, s.client.concurrency+spareStretches)); err != nil {
		return err
	}
	if w.disordered {
		return w.again(ctx)
	}
	return nil
}

// spareStretches are read beside as many as there may be requests in flight:
// while a page of one is decoded, one of another is on its way.
const spareStretches = 2

type whole struct {
	session *Session
	query   Query

	mu         sync.Mutex
	visit      func(*Page) error
	disordered bool
}

// stretch is a part of a list that is read page after page.
type stretch struct {
	from, pages int           // pages is 0 for the last stretch, which goes on to the list's end
	next        *stretch      // nil for the last
	began       chan struct{} // closed when first is there
	first, last *Page         // as read; last is nil before the first page
	ended       bool          // the list ended within the stretch
}

// cut divides what lies behind the first page into as many stretches at most.
func cut(first *Page, most int) []*stretch {
	rest := 1
	if first.Pagination.Known {
		rest = max(1, first.Pagination.TotalPages-1)
	}
	n := min(most, rest)
	stretches := make([]*stretch, n)
	from := 2
	for i := range stretches {
		size := rest / n
		if i < rest%n {
			size++
		}
		stretches[i] = &stretch{from: from, pages: size, began: make(chan struct{})}
		from += size
		if i > 0 {
			stretches[i-1].next = stretches[i]
		}
	}
	stretches[0].last = first // read just before, so that it counts as the page before
	stretches[n-1].pages = 0
	return stretches
}

func (w *whole) all(ctx context.Context, stretches []*stretch) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, st := range stretches {
		group.Go(func() error {
			if err := w.read(ctx, st); err != nil {
				return err
			}
			return w.join(ctx, st)
		})
	}
	return group.Wait()
}

// read reads the pages of a stretch.
func (w *whole) read(ctx context.Context, st *stretch) error {
	return w.follow(ctx, st, st.from, func(page *Page) bool {
		return st.pages > 0 && page.number >= st.from+st.pages-1
	})
}

// join reads on to where the next stretch began.
func (w *whole) join(ctx context.Context, st *stretch) error {
	if st.ended || st.next == nil {
		return nil
	}
	select {
	case <-st.next.began:
	case <-ctx.Done():
		return ctx.Err()
	}
	next := st.next.first.Runs
	return w.follow(ctx, st, st.last.number+1, func(page *Page) bool {
		if w.isDisordered() {
			return true // all will be read again
		}
		return len(next) > 0 && len(page.Runs) > 0 && NewestFirst(page.Runs[len(page.Runs)-1], next[0]) >= 0
	})
}

// follow reads pages until one of them is enough or ends the list.
func (w *whole) follow(ctx context.Context, st *stretch, from int, enough func(*Page) bool) error {
	q := w.query
	q.Page = from
	for page, err := range w.session.pagesAfter(ctx, q, st.last) {
		if err != nil {
			return err
		}
		if err := w.take(page, st.last); err != nil {
			return err
		}
		if st.first == nil {
			st.first = page
			close(st.began)
		}
		st.last, st.ended = page, page.last()
		if enough(page) {
			break
		}
	}
	return nil
}

// take hands a page on, and notices when the list is not newest first.
func (w *whole) take(page, before *Page) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disordered = w.disordered || !page.NewestFirst() || !page.Follows(before)
	return w.visit(page)
}

func (w *whole) isDisordered() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.disordered
}

// again reads the list from its start to its end, whatever its order.
func (w *whole) again(ctx context.Context) error {
	for page, err := range w.session.Pages(ctx, w.query) {
		if err != nil {
			return err
		}
		if err := w.visit(page); err != nil {
			return err
		}
	}
	return nil
}
