package apitest

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// Life drives a project forward in time. It is for one goroutine, while the
// project may be read and changed by others.
type Life struct {
	project   *Project
	generator Generator
	now       time.Time
	events    eventQueue
	scheduled uint64 // events so far

	pushes         *rand.Rand
	pushesPerSec   float64 // in working hours
	lastPush       time.Time
	stamp          func(time.Time) time.Time
	main           *branch
	branches       []*branch
	branchesOpened int

	jobs    uint64 // runs so far
	busy    int    // runs that are queued, started or cancelling
	waiting []*job // pending, oldest first
}

func newLife(g Generator, p *Project, start time.Time, pushesPerSec float64) *Life {
	l := &Life{
		project:      p,
		generator:    g,
		now:          start,
		pushes:       rand.New(rand.NewPCG(g.Seed, 0)),
		pushesPerSec: pushesPerSec,
		stamp:        func(t time.Time) time.Time { return t },
		main:         &branch{name: "main", failures: map[*environment]int{}},
		branches:     make([]*branch, g.Branches),
	}
	l.at(l.nextPush(), l.push)
	l.at(nextNight(start), l.night)
	return l
}

// Advance lets happen what happens up to a moment, each event at its own time:
// runs are created, start, end, break, are cancelled and snoozed. However the
// steps are cut, the runs are the same. A moment that has been passed already
// changes nothing.
func (l *Life) Advance(to time.Time) {
	for l.events.Len() > 0 && !l.events[0].at.After(to) {
		l.next()
	}
	if to.After(l.now) {
		l.now = to
	}
}

// Stamp sets which creation time is told of a run that is created at a moment
// of the life, from now on. A life that passes faster than the clock needs it,
// so as not to tell of runs in the future.
func (l *Life) Stamp(created func(time.Time) time.Time) { l.stamp = created }

// Next returns when something happens next.
func (l *Life) Next() time.Time { return l.events[0].at }

// next lets the next event happen.
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
	number uint64 // settles the order of events at one moment
	happen func()
}

// eventQueue is a heap of events, the next one first.
type eventQueue []event

func (q eventQueue) Len() int      { return len(q) }
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q eventQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].number < q[j].number
}

// Push and Pop implement heap.Interface.
func (q *eventQueue) Push(e any) { *q = append(*q, e.(event)) }

// Pop removes the last event of the heap's array.
func (q *eventQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = event{} // let go of what it holds
	*q = (*q)[:last]
	return e
}
