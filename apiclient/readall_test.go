package apiclient

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
)

func (l *movingList) readAll(t *testing.T) (map[int64]bool, error) {
	t.Helper()
	server := serve(t, l.answer)
	met := map[int64]bool{}
	err := newTestClient(t, server.URL, WithMaxRate(0)).Session(nil).ReadAll(t.Context(), Query{}, func(page *Page) error {
		for _, run := range page.Runs {
			met[run.ID] = true
		}
		return nil
	})
	return met, err
}

func TestReadAll_Lengths(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 199, 200, 201, 850, 1000, 2345} {
		l := newMovingList(n)
		met, err := l.readAll(t)
		if err != nil || len(met) != n {
			t.Errorf("%d runs: read %d, %v", n, len(met), err)
		}
		if most := n/100 + 10; l.requests > most {
			t.Errorf("%d runs took %d requests, want at most %d", n, l.requests, most)
		}
	}
}

// A run that is in the list before and after was in it all the time, so it must be read.
func TestReadAll_MovingList(t *testing.T) {
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
		met, err := l.readAll(t)
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

func TestReadAll_WrongPagination(t *testing.T) {
	const n = 1234
	for name, pagination := range map[string]string{
		"missing":   `null`,
		"too few":   `{"page":1,"per_page":100,"total":100,"total_pages":1}`,
		"far fewer": `{"page":1,"per_page":100,"total":0,"total_pages":0}`,
		"too many":  `{"page":1,"per_page":100,"total":1000000,"total_pages":10000}`,
	} {
		l := newMovingList(n)
		l.edit = func(_ int, ids []int, _ string) ([]int, string) { return ids, pagination }
		if met, err := l.readAll(t); err != nil || len(met) != n {
			t.Errorf("%s: read %d of %d, %v", name, len(met), n, err)
		}
	}
}

func TestReadAll_Disordered(t *testing.T) {
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
		if met, err := l.readAll(t); err != nil || len(met) != 1234 {
			t.Errorf("%s: read %d of 1234, %v", name, len(met), err)
		}
	}
}

func TestReadAll_SamePageAgainAndAgain(t *testing.T) {
	for _, total := range []int{200, 500, 5000} {
		l := newMovingList(total)
		first := slices.Clone(l.ids[:MaxPerPage])
		l.edit = func(_ int, _ []int, pagination string) ([]int, string) { return first, pagination }
		_, err := l.readAll(t)
		if !isA[*ResponseError](err) {
			t.Errorf("%d runs: %v, want a ResponseError", total, err)
		}
	}
}

// A list that is not newest first is read once more, from about request 30 on.
func TestReadAll_EndsWithTheFirstError(t *testing.T) {
	for name, c := range map[string]struct {
		reversed bool
		at       int // the request or the visit that fails
	}{
		"first page":  {false, 1},
		"segments":    {false, 5},
		"second time": {true, 38},
	} {
		l := newMovingList(2000)
		if c.reversed {
			slices.Reverse(l.ids)
		}
		server := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
			if n == c.at {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			l.answer(n, w, r)
		})
		session := newTestClient(t, server.URL, WithMaxRate(0)).Session(nil)
		err := session.ReadAll(t.Context(), Query{}, func(*Page) error { return nil })
		if !isA[*StatusError](err) {
			t.Errorf("%s: request %d failed: %v, want its StatusError", name, c.at, err)
		}
		stop, visits := errors.New("stop"), 0
		err = session.ReadAll(t.Context(), Query{}, func(*Page) error {
			if visits++; visits == c.at {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) {
			t.Errorf("%s: visit %d failed: %v, want its error", name, c.at, err)
		}
	}
}
