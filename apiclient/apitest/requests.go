package apitest

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Request is one request that the server received.
type Request struct {
	Number    int // from 1, since the last [Server.ResetRequests]
	Method    string
	Path      string
	Query     url.Values
	Key       string    // the bearer key, empty where there is none
	ProjectID string    // the header X-Project-Id, empty where there is none
	Project   string    // slug of the project that the key opens, empty where it opens none
	Status    int       // of the answer; 0 before it is made, and where none is sent
	Time      time.Time // of the arrival, always by the machine's clock
}

// requestLog stores the requests, small enough for hundreds of thousands.
type requestLog struct {
	mu       sync.Mutex
	entries  []requestEntry
	resets   int
	inFlight int
	most     int
}

type requestEntry struct {
	method, path, rawQuery, key, projectID, project string
	status                                          int
	time                                            time.Time
}

// start adds a request. The caller calls finish when its answer is made.
func (l *requestLog) start(r *http.Request, key, project string) (request Request, finish func(status int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, requestEntry{
		method: r.Method, path: r.URL.Path, rawQuery: r.URL.RawQuery,
		key: key, projectID: r.Header.Get(projectHeader), project: project, time: time.Now(),
	})
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	resets, i := l.resets, len(l.entries)-1
	return l.request(i), func(status int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
		if l.resets == resets {
			l.entries[i].status = status
		}
	}
}

func (l *requestLog) request(i int) Request {
	e := l.entries[i]
	values, _ := url.ParseQuery(e.rawQuery) // like URL.Query, without what is malformed
	return Request{
		Number: i + 1, Method: e.method, Path: e.path, Query: values,
		Key: e.key, ProjectID: e.projectID, Project: e.project, Status: e.status, Time: e.time,
	}
}

// Requests returns all requests since the last reset, in the order of their arrival.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	requests := make([]Request, len(s.log.entries))
	for i := range requests {
		requests[i] = s.log.request(i)
	}
	return requests
}

// CountRequests returns how many requests arrived since the last reset.
func (s *Server) CountRequests() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return len(s.log.entries)
}

// MaxInFlight returns the highest number of requests that were in flight at once
// since the last reset. A request counts until its answer is made and not until it
// is sent: a client may have read all of it and sent its next request before the
// server notices.
func (s *Server) MaxInFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.most
}

// ResetRequests removes all requests from the log. Those in flight still count as
// in flight.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
	s.log.resets++
	s.log.most = s.log.inFlight
}

// projectHeader names the project that a request is for.
const projectHeader = "X-Project-Id"

// bearer returns the key of a request, if it has one.
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return key
}
