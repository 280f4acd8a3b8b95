package apitest

import "time"

// current returns the settings of this moment.
func (s *Server) current() settings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.settings
}

func (s *Server) change(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
}

// SetState makes items carry `state` and what belongs to it, or not, from the
// next request on.
func (s *Server) SetState(carry bool) { s.change(func(now *settings) { now.withState = carry }) }

// SetLatency makes each request wait before its answer is computed.
func (s *Server) SetLatency(latency time.Duration) {
	s.change(func(now *settings) { now.latency = latency })
}

// UnknownID is how a look-up by an id that no run of the project has is answered.
type UnknownID int

const (
	// NotFound answers 404, as the API does.
	NotFound UnknownID = iota
	// EmptyList answers 200 with no items.
	EmptyList
)

// SetUnknownID sets how unknown ids are answered. The default is NotFound.
func (s *Server) SetUnknownID(answer UnknownID) {
	s.change(func(now *settings) { now.unknownID = answer })
}

// OnRequest calls f for each request before its answer is computed, in place
// of any earlier f; nil ends it. Requests in flight at once call f at once. It
// may use the server and its projects, and may block.
func (s *Server) OnRequest(f func(Request)) { s.change(func(now *settings) { now.onRequest = f }) }

// OnResponse calls f, with the status, when an answer is computed and before
// it is sent. Otherwise it is like OnRequest.
func (s *Server) OnResponse(f func(Request)) { s.change(func(now *settings) { now.onResponse = f }) }
