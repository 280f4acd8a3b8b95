package apitest

import (
	"slices"
	"sync"
)

// Fault makes the answer to a request other than it should be. Several faults
// of one request take effect in the order of their injection; of those that
// disturb how the answer is sent, the last.
type Fault struct {
	query    func(*query)         // changes what is asked for
	document func(map[string]any) // changes the page
	answer   func(*answer)        // changes the whole answer or how it is sent
}

// injection is a fault in force.
type injection struct {
	fault Fault
	when  []Match
	left  int // requests that it still meets; negative is no end
}

type faultList struct {
	mu   sync.Mutex
	list []*injection
}

// Inject puts a fault in force for all requests that match, until remove is called.
func (s *Server) Inject(f Fault, when ...Match) (remove func()) {
	return s.faults.add(&injection{fault: f, when: when, left: -1})
}

// InjectN puts a fault in force for the next n requests that match, or until
// remove is called.
func (s *Server) InjectN(n int, f Fault, when ...Match) (remove func()) {
	return s.faults.add(&injection{fault: f, when: when, left: max(n, 0)})
}

func (l *faultList) add(injected *injection) (remove func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, injected)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.list = slices.DeleteFunc(l.list, func(i *injection) bool { return i == injected })
	}
}

// matching returns the faults that a request meets.
func (l *faultList) matching(r Request) []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var faults []Fault
	for _, i := range l.list {
		if i.left == 0 || slices.ContainsFunc(i.when, func(m Match) bool { return !m(r) }) {
			continue
		}
		if i.left > 0 {
			i.left--
		}
		faults = append(faults, i.fault)
	}
	l.list = slices.DeleteFunc(l.list, func(i *injection) bool { return i.left == 0 })
	return faults
}
