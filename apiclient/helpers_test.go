package apiclient

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeClock moves on only by Sleep, which does not wait.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	pauses []time.Duration
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.pauses = append(c.pauses, d)
	return ctx.Err()
}

// serve starts an API that answers the n-th request, from 1, with answer.
func serve(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *httptest.Server {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(n.Add(1)), w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func newTestClient(t *testing.T, url string, options ...Option) *Client {
	t.Helper()
	c, err := New(url, KeyText("the-key", "the test"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

// body is an answer with these items.
func body(items ...string) []byte {
	return []byte(`{"data":{"project":{"id":7,"slug":"shop","name":"Shop","repo_name":"shop-tests"},"test_runs":{"items":[` +
		strings.Join(items, ",") + `]}},"pagination":{"page":1,"per_page":100,"total":2,"total_pages":1}}`)
}

// movingList is an API whose list changes before every page that it answers.
type movingList struct {
	mu       sync.Mutex
	ids      []int // newest first
	next     int
	requests int
	bounded  bool              // a page behind the end is 404
	perPage  int               // items on a page, however many are asked for
	ties     int               // how many runs in a row are of one instant
	move     func(*movingList) // nil for a list that does not change
	edit     func(page int, ids []int, pagination string) ([]int, string)
}

func newMovingList(n int) *movingList {
	l := &movingList{next: n + 1, ties: 1, perPage: MaxPerPage}
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
	from := min((page-1)*l.perPage, len(l.ids))
	if l.bounded && page > 1 && from >= len(l.ids) {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	ids := slices.Clone(l.ids[from:min(from+l.perPage, len(l.ids))])
	pagination := fmt.Sprintf(`{"page":%d,"per_page":%d,"total":%d,"total_pages":%d}`,
		page, l.perPage, len(l.ids), (len(l.ids)+l.perPage-1)/l.perPage)
	if l.edit != nil {
		ids, pagination = l.edit(page, ids, pagination)
	}
	items := make([]string, len(ids))
	for i, id := range ids {
		created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(id/l.ties) * time.Minute)
		items[i] = fmt.Sprintf(`{"id":%d,"created_at":%q}`, id, created.Format(time.RFC3339))
	}
	_, _ = fmt.Fprintf(w, `{"data":{"project":{"slug":"a"},"test_runs":{"items":[%s]}},"pagination":%s}`, strings.Join(items, ","), pagination)
}
