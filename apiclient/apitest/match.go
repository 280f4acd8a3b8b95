package apitest

import "strconv"

// Match chooses requests; of several, all must hold.
type Match func(Request) bool

// Page matches requests for a page; one without `page` asks for page 1.
func Page(n int) Match {
	return func(r Request) bool {
		page := r.Query.Get("page")
		return page == strconv.Itoa(n) || (page == "" && n == 1)
	}
}

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

// After matches all but the first n requests since the last reset.
func After(n int) Match { return func(r Request) bool { return r.Number > n } }

// Not matches what m does not.
func Not(m Match) Match { return func(r Request) bool { return !m(r) } }

func parameter(name, value string) Match {
	return func(r Request) bool { return r.Query.Has(name) && r.Query.Get(name) == value }
}
