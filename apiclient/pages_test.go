package apiclient

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestPagesInACircleAreAnError(t *testing.T) {
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
	var response *ResponseError
	if !errors.As(last, &response) {
		t.Errorf("ended with %v after %d requests, want a ResponseError", last, l.requests)
	}
}
