package apiclient

import (
	"context"
	"slices"
	"testing"
	"time"
)

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
