package backfill

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// reading says how far the reading of all keys is.
type reading struct {
	mu   sync.Mutex
	keys []*lists
	read int // items
}

// list is what selects the runs of a list.
type list struct {
	state  apiclient.State
	result apiclient.Result
}

// lists has how many runs each list of a key has, as the API says.
type lists map[list]int

func (r *reading) addKey() *lists {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &lists{}
	r.keys = append(r.keys, l)
	return l
}

// add notes a page of a key.
func (r *reading) add(of *lists, page apiclient.ObservedPage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read += len(page.Items)
	total, _ := page.Page.Total()
	key := list{page.Query.State, page.Query.Result}
	(*of)[key] = max((*of)[key], total)
}

// text says how far it is. Where runs come from filtered lists, the list of all was
// asked for first.
func (r *reading) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := 0
	for _, key := range r.keys {
		filtered := 0
		for l, total := range *key {
			if l != (list{}) {
				filtered += total
			}
		}
		of += max(filtered, (*key)[list{}])
	}
	if of == 0 {
		return "waiting for the API"
	}
	read := min(r.read, of)
	return fmt.Sprintf("reading runs %s %s of %s", terminal.Bar(read, of), terminal.Number(read), terminal.Number(of))
}

// course says how far the writing is.
type course struct {
	first, last int64 // moments, in seconds since 1970
	now         func() time.Time
	began       time.Time
	reached     atomic.Int64
}

func newCourse(first, last time.Time) *course {
	c := &course{first: first.Unix(), last: last.Unix(), now: time.Now, began: time.Now()}
	c.reached.Store(c.first)
	return c
}

// reach notes that a moment has been computed.
func (c *course) reach(at time.Time) { c.reached.Store(at.Unix()) }

// text says how far it is, and how long it will take still.
func (c *course) text() string {
	const parts = 1000
	reached := c.reached.Load()
	done, of := reached-c.first, max(1, c.last-c.first)
	text := "writing " + terminal.Bar(int(done*parts/of), parts) + " " + time.Unix(reached, 0).UTC().Format(time.DateOnly)
	if done == 0 {
		return text
	}
	left := time.Duration(float64(c.now().Sub(c.began)) * float64(of-done) / float64(done))
	return text + ", " + model.Duration(left.Round(time.Second)).String() + " left"
}
