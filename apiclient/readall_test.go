package apiclient

import (
	"errors"
	"net/http"
	"slices"
	"testing"
)

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
