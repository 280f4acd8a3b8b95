package apiclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// readers are the two ways to read a list to its end.
func readers() []string { return []string{"Pages", "ReadAll"} }

// read reads the list and returns the ids of its runs.
func (l *movingList) read(t *testing.T, reader string) (ids map[int64]bool, err error) {
	t.Helper()
	server := serve(t, l.answer)
	session := newTestClient(t, server.URL, WithMaxRate(0)).Session(nil)
	ids = map[int64]bool{}
	add := func(page *Page) {
		for _, run := range page.Runs {
			ids[run.ID] = true
		}
	}
	if reader == "ReadAll" {
		return ids, session.ReadAll(t.Context(), Query{}, func(page *Page) error { add(page); return nil })
	}
	for page, err := range session.Pages(t.Context(), Query{}) {
		if err != nil {
			return ids, err
		}
		add(page)
	}
	return ids, nil
}

func TestRead_Lengths(t *testing.T) {
	for _, reader := range readers() {
		for _, n := range []int{0, 1, 99, 100, 101, 199, 200, 201, 850, 1000, 2345} {
			l := newMovingList(n)
			ids, err := l.read(t, reader)
			if err != nil || len(ids) != n {
				t.Errorf("%s, %d runs: read %d, %v", reader, n, len(ids), err)
			}
			if most := n/100 + 10; l.requests > most || n < 100 && l.requests > 1 {
				t.Errorf("%s, %d runs: %d requests, want at most %d", reader, n, l.requests, most)
			}
		}
	}
}

// Behind a last page that is full some APIs answer 404, which ends the list. In
// the middle of a list it is an error.
func TestRead_NotFoundBehindTheEnd(t *testing.T) {
	for _, reader := range readers() {
		for _, n := range []int{0, 100, 200, 1000, 1001} {
			for _, pagination := range []string{"", "null"} {
				l := newMovingList(n)
				l.bounded = true
				if pagination != "" {
					l.edit = func(_ int, ids []int, _ string) ([]int, string) { return ids, pagination }
				}
				if ids, err := l.read(t, reader); err != nil || len(ids) != n {
					t.Errorf("%s, %d runs, pagination %q: read %d, %v", reader, n, pagination, len(ids), err)
				}
			}
		}
		l := newMovingList(200)
		l.bounded = true
		l.edit = func(int, []int, string) ([]int, string) { return l.ids[:100], `{"total":300,"total_pages":3}` }
		if ids, err := l.read(t, reader); err == nil {
			t.Errorf("%s: read %d runs without an error, though a page is missing", reader, len(ids))
		}
	}
}

// A run that is in the list before and after was in it all the time, so it must be read.
func TestRead_MovingList(t *testing.T) {
	for _, reader := range readers() {
		for seed := range uint64(30) {
			random := rand.New(rand.NewPCG(seed, 0))
			l := newMovingList(300 + random.IntN(3000))
			if seed%2 == 1 {
				l.perPage = 50
			}
			before := slices.Clone(l.ids)
			// Fewer than a page between two requests of a segment, which are ten
			// requests of all: a list that grows faster is never read to its end.
			creations, deletions := random.IntN(9*l.perPage/100), random.IntN(2)
			l.move = func(l *movingList) {
				for range creations {
					l.create()
				}
				if deletions > 0 && random.IntN(10) == 0 && len(l.ids) > 200 {
					at := random.IntN(len(l.ids))
					l.ids = slices.Delete(l.ids, at, min(at+random.IntN(70), len(l.ids)))
				}
			}
			ids, err := l.read(t, reader)
			if err != nil {
				t.Fatalf("%s, seed %d: %v", reader, seed, err)
			}
			for _, id := range before {
				if slices.Contains(l.ids, id) && !ids[int64(id)] {
					t.Fatalf("%s, seed %d: run %d of %d was missed", reader, seed, id, len(before))
				}
			}
		}
	}
}

func TestRead_WrongPagination(t *testing.T) {
	const n = 1234
	for _, reader := range readers() {
		for what, pagination := range map[string]string{
			"missing":       `null`,
			"text":          `"none"`,
			"negative":      `{"total":1234,"total_pages":-1}`,
			"too few":       `{"total":100,"total_pages":1}`,
			"too few runs":  `{"total":3,"total_pages":13}`,
			"too few pages": `{"total":1234,"total_pages":1}`,
			"none":          `{"total":0,"total_pages":0}`,
			"too many":      `{"total":1000000,"total_pages":10000}`,
		} {
			l := newMovingList(n)
			l.edit = func(_ int, ids []int, _ string) ([]int, string) { return ids, pagination }
			if ids, err := l.read(t, reader); err != nil || len(ids) != n {
				t.Errorf("%s, %s: read %d of %d, %v", reader, what, len(ids), n, err)
			}
		}
	}
}

func TestRead_Disordered(t *testing.T) {
	orders := map[string]func(ids []int){
		"oldest first": slices.Reverse[[]int],
		"shuffled": func(ids []int) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		},
		"pages in order, but not together": func(ids []int) {
			for from := 0; from+200 <= len(ids); from += 200 {
				slices.Reverse(ids[from : from+200])
				slices.Reverse(ids[from : from+100])
				slices.Reverse(ids[from+100 : from+200])
			}
		},
	}
	for _, reader := range readers() {
		for what, order := range orders {
			l := newMovingList(1234)
			order(l.ids)
			if ids, err := l.read(t, reader); err != nil || len(ids) != 1234 {
				t.Errorf("%s, %s: read %d of 1234, %v", reader, what, len(ids), err)
			}
		}
	}
}

// Runs of the same instant are newest first in any order, on whichever pages they
// stand: the list is read once, and none of them is passed over.
func TestRead_SameInstant(t *testing.T) {
	const n, ties = 2345, 250
	for _, reader := range readers() {
		for createdPerRequest, mostRequests := range map[int]int{1: n/100 + 30, 8: n} { // a full read would double the first; the second grows too fast to tell
			l := newMovingList(n)
			l.ties = ties
			random := rand.New(rand.NewPCG(1, 2))
			for ids := l.ids; len(ids) > 0; {
				same := min(len(ids), ids[0]%ties+1) // down to a multiple of ties
				random.Shuffle(same, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
				ids = ids[same:]
			}
			l.move = func(l *movingList) {
				for range createdPerRequest {
					l.create()
				}
			}
			ids, err := l.read(t, reader)
			for id := range n {
				if !ids[int64(id+1)] {
					t.Fatalf("%s, %d new ones a request: run %d is not read, of %d (%v)", reader, createdPerRequest, id+1, len(ids), err)
				}
			}
			if l.requests > mostRequests {
				t.Errorf("%s: %d requests, want at most %d", reader, l.requests, mostRequests)
			}
		}
	}
}

// A page with fewer items than asked for is not the last one before total_pages.
func TestRead_ShortPages(t *testing.T) {
	for _, reader := range readers() {
		l := newMovingList(1234)
		l.edit = func(_ int, ids []int, pagination string) ([]int, string) { return ids[:max(0, len(ids)-1)], pagination }
		if ids, err := l.read(t, reader); err != nil || len(ids) != 1234-13 {
			t.Errorf("%s: read %d of %d on 13 pages, %v", reader, len(ids), 1234-13, err)
		}
	}
}

// An API may give fewer items than asked for on each page, whatever its
// pagination says of them.
func TestRead_CappedPages(t *testing.T) {
	for _, reader := range readers() {
		for _, perPage := range []int{1, 50, 99} {
			for what, pagination := range map[string]string{
				"right":                  "",
				"as asked for":           `{"total":1234,"total_pages":13}`,
				"as asked for, no total": `{"total":0,"total_pages":13}`,
				"missing":                "null",
			} {
				l := newMovingList(1234)
				l.perPage = perPage
				if pagination != "" {
					l.edit = func(_ int, ids []int, _ string) ([]int, string) { return ids, pagination }
				}
				if ids, err := l.read(t, reader); err != nil || len(ids) != 1234 {
					t.Errorf("%s, pages of %d, pagination %s: read %d of 1234, %v", reader, perPage, what, len(ids), err)
				}
			}
		}
	}
}

// Reading a list ends, at a bounded cost, though its length is said to change at
// every page.
func TestRead_TotalJumps(t *testing.T) {
	for _, reader := range readers() {
		l := newMovingList(5000)
		l.edit = func(_ int, ids []int, _ string) ([]int, string) {
			return ids, fmt.Sprintf(`{"total":%d,"total_pages":50}`, 5000+l.requests%2*3000)
		}
		if ids, err := l.read(t, reader); err != nil || len(ids) != 5000 || l.requests > 3*50+12*2*spareStepsBack {
			t.Errorf("%s: read %d of 5000 in %d requests, %v", reader, len(ids), l.requests, err)
		}
	}
}

func TestRead_EachItemTwice(t *testing.T) {
	for _, reader := range readers() {
		l := newMovingList(1234)
		l.edit = func(_ int, ids []int, pagination string) ([]int, string) {
			return append(ids, ids...), pagination
		}
		if ids, err := l.read(t, reader); err != nil || len(ids) != 1234 {
			t.Errorf("%s: read %d of 1234, %v", reader, len(ids), err)
		}
	}
}

func TestRead_SamePageAgainAndAgain(t *testing.T) {
	for _, reader := range readers() {
		for _, total := range []int{200, 500, 5000} {
			l := newMovingList(total)
			first := slices.Clone(l.ids[:MaxPerPage])
			l.edit = func(_ int, _ []int, pagination string) ([]int, string) { return first, pagination }
			if _, err := l.read(t, reader); !isA[*ResponseError](err) {
				t.Errorf("%s, %d runs: %v, want a ResponseError", reader, total, err)
			}
		}
	}
}

func TestPages_Circle(t *testing.T) {
	l := newMovingList(2 * MaxPerPage)
	newest, oldest := slices.Clone(l.ids[:MaxPerPage]), slices.Clone(l.ids[MaxPerPage:])
	l.edit = func(page int, _ []int, _ string) ([]int, string) {
		if page%2 == 1 {
			return newest, `null`
		}
		return oldest, `null`
	}
	server := serve(t, l.answer)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var last error
	for _, err := range newTestClient(t, server.URL, WithMaxRate(0)).Session(nil).Pages(ctx, Query{}) {
		last = err
	}
	if !isA[*ResponseError](last) {
		t.Errorf("ended with %v after %d requests, want a ResponseError", last, l.requests)
	}
}

func TestPages_CallerStops(t *testing.T) {
	l := newMovingList(500)
	server := serve(t, l.answer)
	for _, err := range newTestClient(t, server.URL).Session(nil).Pages(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if l.requests == 2 {
			break
		}
	}
	if l.requests != 2 {
		t.Errorf("%d requests, want 2", l.requests)
	}
}
