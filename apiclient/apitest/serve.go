package apitest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	runsPath      = "/api/test-runs"
	testCasesPath = "/api/v2/analytics/test-cases"
	dailyRunsPath = "/api/v2/analytics/test-runs"
)

// serve answers one request. The steps are: log, hook, latency, answer, hook, send.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.acquire() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	key := bearer(r)
	project, slug := s.project(key), ""
	if project != nil {
		slug = project.Slug()
	}
	request, finish := s.log.start(r, key, slug)
	if hook := s.current().onRequest; hook != nil {
		hook(request)
	}
	faults := s.faults.matching(request)
	if !pause(r.Context(), s.current().latency) {
		finish(0)
		panic(http.ErrAbortHandler)
	}
	a := s.answer(r, project, faults)
	request.Status = a.status
	if hook := s.current().onResponse; hook != nil {
		hook(request)
	}
	finish(a.status)
	a.send(w, r, a)
}

// acquire registers a running handler, unless the server is closed.
func (s *Server) acquire() bool {
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

// pause waits and reports whether the request is still open afterwards.
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

// answer makes the answer, with all faults.
func (s *Server) answer(r *http.Request, project *Project, faults []Fault) *answer {
	a := s.answerOrError(r, project, faults)
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

// answerOrError makes the answer. Of the faults, only those that change the query
// are applied.
func (s *Server) answerOrError(r *http.Request, project *Project, faults []Fault) *answer {
	switch {
	case !slices.Contains([]string{runsPath, testCasesPath, dailyRunsPath}, r.URL.Path):
		return errorAnswer(http.StatusNotFound, fmt.Sprintf("There is nothing at %s. Ask for %s.", r.URL.Path, runsPath))
	case r.Method != http.MethodGet:
		a := errorAnswer(http.StatusMethodNotAllowed, "Use GET.")
		a.header.Set("Allow", http.MethodGet)
		return a
	case project == nil:
		return errorAnswer(http.StatusUnauthorized, "Missing or invalid API key.")
	case project.needsID.Load() && r.Header.Get(projectHeader) != strconv.FormatInt(project.id, 10):
		return errorAnswer(http.StatusBadRequest, "Name the project of the key in "+projectHeader+".")
	}
	var a *answer
	var err error
	switch r.URL.Path {
	case testCasesPath:
		a, err = project.testCases(r.URL.Query(), s.clock())
	case dailyRunsPath:
		a, err = project.dailyRuns(r.URL.Query(), s.clock())
	default:
		a, err = s.page(r.URL.Query(), project, faults)
	}
	if err != nil {
		return errorAnswer(http.StatusBadRequest, "Invalid query parameter: "+err.Error()+".")
	}
	return a
}

// page answers with a page of the list of runs. An error is about the query.
func (s *Server) page(values url.Values, project *Project, faults []Fault) (*answer, error) {
	q, err := parseQuery(values)
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		if f.query != nil {
			f.query(&q)
		}
	}
	runs, total, found := project.find(q, s.clock())
	now := s.current()
	if !found && now.unknownID == NotFound {
		return errorAnswer(http.StatusNotFound, fmt.Sprintf("Test run %d not found.", q.id)), nil
	}
	return project.pageAnswer(q, runs, total, now.withState), nil
}
