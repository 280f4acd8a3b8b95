package apitest

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const path = "/api/test-runs"

// serve answers one request: arrival, hook, latency, answer, hook, sending.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	key := bearer(r)
	project, slug := s.project(key), ""
	if project != nil {
		slug = project.Slug()
	}
	request, answered := s.log.arrived(r, key, slug)
	if hook := s.current().onRequest; hook != nil {
		hook(request)
	}
	faults := s.faults.matching(request)
	if !pause(r.Context(), s.current().latency) {
		answered(0)
		panic(http.ErrAbortHandler)
	}
	a := s.answer(r, project, faults)
	request.Status = a.status
	if hook := s.current().onResponse; hook != nil {
		hook(request)
	}
	answered(a.status)
	a.send(w, r, a)
}

// enter counts a handler in, unless the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Add(1)
	}
	return !s.closed
}

func (s *Server) project(key string) *Project {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.keys[key]
}

// pause waits and tells whether the request still stands.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// answer computes the answer, faults included.
func (s *Server) answer(r *http.Request, project *Project, faults []Fault) *answer {
	a := s.truth(r, project, faults)
	if a.status == http.StatusOK {
		a = editDocument(a, faults)
	}
	for _, f := range faults {
		if f.answer != nil {
			f.answer(a)
		}
	}
	return a
}

// truth computes the answer but for the faults that change what was computed.
func (s *Server) truth(r *http.Request, project *Project, faults []Fault) *answer {
	switch {
	case r.URL.Path != path:
		return errorAnswer(http.StatusNotFound, fmt.Sprintf("There is nothing at %s. Ask for %s.", r.URL.Path, path))
	case r.Method != http.MethodGet:
		a := errorAnswer(http.StatusMethodNotAllowed, "Use GET.")
		a.header.Set("Allow", http.MethodGet)
		return a
	case project == nil:
		return errorAnswer(http.StatusUnauthorized, "Missing or invalid API key.")
	}
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return errorAnswer(http.StatusBadRequest, "Invalid query parameter: "+err.Error()+".")
	}
	for _, f := range faults {
		if f.query != nil {
			f.query(&q)
		}
	}
	runs, total, found := project.find(q, s.clock())
	now := s.current()
	if !found && now.unknownID == NotFound {
		return errorAnswer(http.StatusNotFound, fmt.Sprintf("Test run %d not found.", q.id))
	}
	return project.pageAnswer(q, runs, total, now.withState)
}
