package apiclient

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ReadAll reads all pages of a list, as many at once as the client may ask for,
// and calls visit for every page: one call at a time, in no order. No run that is
// in the list all the time is missed, but a run can come more than once.
//
// The list is split into segments, which are read at the same time, each page
// after page. Within a segment, runs that new ones push down are read again and
// not missed. Between two segments they could be missed, because the end of a
// segment is read later than the start of the next. So each segment is read on
// until it overlaps with the first page of the next.
//
// The overlap can be seen only while the list is newest first. Where a page is
// not, the list is read once more, page after page.
func (s *Session) ReadAll(ctx context.Context, q Query, visit func(*Page) error) error {
	q.Page, q.PerPage = 1, MaxPerPage
	first, err := s.Page(ctx, q)
	if err != nil {
		return err
	}
	q.full = first.items()
	r := &allReader{session: s, query: q, visit: visit}
	if err := r.add(first, nil); err != nil || first.last() {
		return err
	}
	if err := r.readSegments(ctx, split(first, s.client.concurrency+spareSegments)); err != nil {
		return err
	}
	if r.isDisordered() {
		return r.fullRead(ctx)
	}
	return nil
}

// spareSegments is how many segments are read beyond one for each request that
// may be in flight: while a page of one is decoded, a page of another is sent.
const spareSegments = 2

// allReader reads all pages of one list.
type allReader struct {
	session *Session
	query   Query

	mu         sync.Mutex
	visit      func(*Page) error
	disordered bool // a page was not newest first
}

// segment is a part of a list that is read page after page.
type segment struct {
	from, pages int           // pages is 0 for the last segment, which ends with the list
	next        *segment      // nil for the last segment
	started     chan struct{} // closed when firstPage is set
	firstPage   *Page
	lastPage    *Page // the page read last; nil before the first
	ended       bool  // the list ended within the segment
}

// split divides the list after its first page into at most n segments.
func split(first *Page, n int) []*segment {
	rest := 1
	if first.pagination.known {
		rest = max(1, first.pagination.totalPages-1)
	}
	n = min(n, rest)
	segments := make([]*segment, n)
	from := 2
	for i := range segments {
		pages := rest / n
		if i < rest%n {
			pages++
		}
		segments[i] = &segment{from: from, pages: pages, started: make(chan struct{})}
		from += pages
		if i > 0 {
			segments[i-1].next = segments[i]
		}
	}
	segments[0].lastPage = first // it was read just before page 2
	segments[n-1].pages = 0
	return segments
}

func (r *allReader) readSegments(ctx context.Context, segments []*segment) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, seg := range segments {
		group.Go(func() error {
			if err := r.readSegment(groupCtx, seg); err != nil {
				return err
			}
			return r.readOverlap(groupCtx, seg)
		})
	}
	return group.Wait()
}

// readSegment reads the pages of a segment.
func (r *allReader) readSegment(ctx context.Context, seg *segment) error {
	return r.readUntil(ctx, seg, seg.from, func(page *Page) bool {
		return seg.pages > 0 && page.number >= seg.from+seg.pages-1
	})
}

// readOverlap reads on until the first page of the next segment is reached.
func (r *allReader) readOverlap(ctx context.Context, seg *segment) error {
	if seg.ended || seg.next == nil {
		return nil
	}
	select {
	case <-seg.next.started:
	case <-ctx.Done():
		return ctx.Err()
	}
	next := seg.next.firstPage.Runs
	return r.readUntil(ctx, seg, seg.lastPage.number+1, func(page *Page) bool {
		if r.isDisordered() {
			return true // the list will be read once more anyway
		}
		return len(next) > 0 && page.reaches(next[0])
	})
}

// readUntil reads the pages from number from on, until enough reports true for
// one of them or the list ends.
func (r *allReader) readUntil(ctx context.Context, seg *segment, from int, enough func(*Page) bool) error {
	q := r.query
	q.Page = from
	for page, err := range r.session.pagesAfter(ctx, q, seg.lastPage) {
		if err != nil {
			return err
		}
		if err := r.add(page, seg.lastPage); err != nil {
			return err
		}
		if seg.firstPage == nil {
			seg.firstPage = page
			close(seg.started)
		}
		seg.lastPage = page
		if enough(page) {
			seg.ended = page.last()
			return nil
		}
	}
	seg.ended = true
	return nil
}

// add visits a page and notes whether the list is newest first.
func (r *allReader) add(page, before *Page) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.disordered = r.disordered || !page.NewestFirst() || !page.Follows(before)
	return r.visit(page)
}

func (r *allReader) isDisordered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disordered
}

// fullRead reads the list page after page, whatever its order.
func (r *allReader) fullRead(ctx context.Context) error {
	for page, err := range r.session.Pages(ctx, r.query) {
		if err != nil {
			return err
		}
		if err := r.visit(page); err != nil {
			return err
		}
	}
	return nil
}
