package apiclient

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// movingList is an API whose list changes before every page that it gives out.
type movingList struct {
	mu       sync.Mutex
	ids      []int // newest first
	next     int
	requests int
	move     func(*movingList) // nil for a list that stands still
	edit     func(page int, ids []int, pagination string) ([]int, string)
}

func newMovingList(n int) *movingList {
	l := &movingList{next: n + 1}
	for id := n; id > 0; id-- {
		l.ids = append(l.ids, id)
	}
	return l
}

func (l *movingList) create() {
	l.ids = slices.Insert(l.ids, 0, l.next)
	l.next++
}

func (l *movingList) answer(_ int, w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if l.move != nil {
		l.move(l)
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from := min((page-1)*MaxPerPage, len(l.ids))
	ids := slices.Clone(l.ids[from:min(from+MaxPerPage, len(l.ids))])
	pagination := fmt.Sprintf(`{"page":%d,"per_page":100,"total":%d,"total_pages":%d}`, page, len(l.ids), (len(l.ids)+99)/100)
	if l.edit != nil {
		ids, pagination = l.edit(page, ids, pagination)
	}
	items := make([]string, len(ids))
	for i, id := range ids {
		created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(id) * time.Minute)
		items[i] = fmt.Sprintf(`{"id":%d,"created_at":%q}`, id, created.Format(time.RFC3339))
	}
	_, _ = fmt.Fprintf(w, `{"data":{"project":{"slug":"a"},"test_runs":{"items":[%s]}},"pagination":%s}`, strings.Join(items, ","), pagination)
}

func (l *movingList) readWhole(t *testing.T) (map[int64]bool, error) {
	t.Helper()
	server := serve(t, l.answer)
	met := map[int64]bool{}
	err := newTestClient(t, server.URL, WithMaxRate(0)).Session(nil).Whole(t.Context(), Query{}, func(page *Page) error {
		for _, run := range page.Runs {
			met[run.ID] = true
		}
		return nil
	})
	return met, err
}

func TestWholeReadsListsOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 199, 200, 201, 850, 1000, 2345} {
		l := newMovingList(n)
		met, err := l.readWhole(t)
		if err != nil || len(met) != n {
			t.Errorf("%d runs: read %d, %v", n, len(met), err)
		}
		if most := n/100 + 10; l.requests > most {
			t.Errorf("%d runs took %d requests, want at most %d", n, l.requests, most)
		}
	}
}

// What was in the list before and after was in it all the while, and must have been met.
func TestWholeMissesNothingInAMovingList(t *testing.T) {
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 0))
		l := newMovingList(300 + random.IntN(3000))
		before := slices.Clone(l.ids)
		deletions := 0
		l.move = func(l *movingList) {
			for range random.IntN(12) {
				l.create()
			}
			if deletions < 3 && random.IntN(8) == 0 { // as often as one reading goes back
				deletions++
				at := random.IntN(len(l.ids))
				l.ids = slices.Delete(l.ids, at, min(at+70, len(l.ids)))
			}
		}
		met, err := l.readWhole(t)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, id := range before {
			if slices.Contains(l.ids, id) && !met[int64(id)] {
				t.Fatalf("seed %d: run %d of %d was passed over", seed, id, len(before))
			}
		}
	}
}

func TestWholeLivesWithWrongPagination(t *testing.T) {
	const n = 1234
	for name, pagination := range map[string]string{
		"missing":   `null`,
		"too few":   `{"page":1,"per_page":100,"total":100,"total_pages":1}`,
		"far fewer": `{"page":1,"per_page":100,"total":0,"total_pages":0}`,
		"too many":  `{"page":1,"per_page":100,"total":1000000,"total_pages":10000}`,
	} {
		l := newMovingList(n)
		l.edit = func(_ int, ids []int, _ string) ([]int, string) { return ids, pagination }
		if met, err := l.readWhole(t); err != nil || len(met) != n {
			t.Errorf("%s: read %d of %d, %v", name, len(met), n, err)
		}
	}
}

func TestWholeReadsADisorderedListToItsEnd(t *testing.T) {
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
	for name, order := range orders {
		l := newMovingList(1234)
		order(l.ids)
		if met, err := l.readWhole(t); err != nil || len(met) != 1234 {
			t.Errorf("%s: read %d of 1234, %v", name, len(met), err)
		}
	}
}

func TestTheSamePageForEverIsAnError(t *testing.T) {
	for _, total := range []int{200, 500, 5000} {
		l := newMovingList(total)
		first := slices.Clone(l.ids[:MaxPerPage])
		l.edit = func(_ int, _ []int, pagination string) ([]int, string) { return first, pagination }
		_, err := l.readWhole(t)
		var response *ResponseError
		if !errors.As(err, &response) {
			t.Errorf("%d runs: %v, want a ResponseError", total, err)
		}
	}
}

func TestVisitEndsTheReading(t *testing.T) {
	server := serve(t, newMovingList(2000).answer)
	stop := errors.New("stop")
	err := newTestClient(t, server.URL).Session(nil).Whole(t.Context(), Query{}, func(page *Page) error {
		if page.number > 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("%v, want the error of visit", err)
	}
}

func TestPagesStopsWhereTheCallerDoes(t *testing.T) {
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
