package apitest

import (
	"slices"
	"strconv"
	"sync"
)

// Fault makes the answer to a request wrong. Several faults of one request take
// effect in the order of their injection. Of those that change how the answer is
// sent, only the last takes effect.
type Fault struct {
	query    func(*query)         // changes the query
	document func(map[string]any) // changes the JSON of the page
	answer   func(*answer)        // changes the answer or how it is sent
}

// injection is a fault that is applied to requests.
type injection struct {
	fault Fault
	when  []Match
	left  int // how many more requests it applies to; negative for all
}

type faultList struct {
	mu   sync.Mutex
	list []*injection
}

// Inject applies a fault to all requests that match, until remove is called.
func (s *Server) Inject(f Fault, when ...Match) (remove func()) {
	return s.faults.add(&injection{fault: f, when: when, left: -1})
}

// InjectN applies a fault to the next n requests that match, or until remove is
// called.
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

// matching returns the faults that apply to a request.
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

// Match chooses requests. Where several are given, a request must match all.
type Match func(Request) bool

// Page matches requests for a page; one without `page` asks for page 1.
func Page(n int) Match {
	return func(r Request) bool {
		page := r.Query.Get("page")
		return page == strconv.Itoa(n) || (page == "" && n == 1)
	}
}

// Runs matches requests for the list of runs.
func Runs() Match { return atPath(runsPath) }

// TestCases matches requests for the analytics of tests.
func TestCases() Match { return atPath(testCasesPath) }

// DailyRuns matches requests for the sums over the runs of each day.
func DailyRuns() Match { return atPath(dailyRunsPath) }

func atPath(path string) Match { return func(r Request) bool { return r.Path == path } }

// OrderBy matches requests with the parameter order_by.
func OrderBy(order string) Match { return parameter("order_by", order) }

// State matches requests with the filter state.
func State(state string) Match { return parameter("state", state) }

// Result matches requests with the filter result.
func Result(result string) Match { return parameter("result", result) }

// ID matches look-ups of a run.
func ID(id int64) Match { return parameter("id", strconv.FormatInt(id, 10)) }

// Lookup matches look-ups of any run.
func Lookup() Match { return func(r Request) bool { return r.Query.Has("id") } }

// Key matches requests with a bearer key.
func Key(key string) Match { return func(r Request) bool { return r.Key == key } }

// After matches all but the first n requests since [Server.ResetRequests].
func After(n int) Match { return func(r Request) bool { return r.Number > n } }

// Not matches the requests that m does not match.
func Not(m Match) Match { return func(r Request) bool { return !m(r) } }

func parameter(name, value string) Match {
	return func(r Request) bool { return r.Query.Has(name) && r.Query.Get(name) == value }
}
