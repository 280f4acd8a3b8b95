package synth

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// Life drives a project forward in time. Only one goroutine may use it, but
// others may read and change the project meanwhile.
type Life struct {
	project   *apitest.Project
	options   Options
	now       time.Time
	createdAt func(time.Time) time.Time
	events    eventQueue
	scheduled uint64 // events so far

	pushes         *rand.Rand
	pushesPerSec   float64 // in working hours
	main           *branch
	branches       []*branch // the open pull requests; nil until the first push to one
	branchesOpened int

	jobs    uint64 // runs so far
	busy    int    // runs that are queued, started or cancelling
	waiting []*job // pending runs, oldest first
}

// Advance lets everything happen that happens until a moment, each event at its
// own time: runs are created, start, end, break, are cancelled and snoozed. Many
// small steps make the same runs as one large step. A moment in the past changes
// nothing.
func (l *Life) Advance(to time.Time) {
	for !l.Next().After(to) {
		l.next()
	}
	if to.After(l.now) {
		l.now = to
	}
}

// SetCreatedAt sets the creation time that a run gets when it is created at a
// moment of the life. By default it is that moment. A life that goes faster than
// the clock needs another, so that no run is created in the future.
func (l *Life) SetCreatedAt(f func(moment time.Time) time.Time) { l.createdAt = f }

// Next returns when the next event happens.
func (l *Life) Next() time.Time { return l.events[0].at }

func (l *Life) next() {
	e := heap.Pop(&l.events).(event)
	l.now = e.at
	e.happen()
}

func (l *Life) at(t time.Time, happen func()) {
	l.scheduled++
	heap.Push(&l.events, event{at: t, number: l.scheduled, happen: happen})
}

func (l *Life) after(d time.Duration, happen func()) {
	l.at(l.now.Add(d.Truncate(time.Millisecond)), happen)
}

type event struct {
	at     time.Time
	number uint64 // orders events of the same moment
	happen func()
}

// eventQueue is a heap of events, the next one first. It implements heap.Interface.
type eventQueue []event

func (q eventQueue) Len() int      { return len(q) }
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q eventQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].number < q[j].number
}

// Push adds an event at the end of the heap's array.
func (q *eventQueue) Push(e any) { *q = append(*q, e.(event)) }

// Pop removes the last event of the heap's array.
func (q *eventQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = event{} // for the garbage collector
	*q = (*q)[:last]
	return e
}
