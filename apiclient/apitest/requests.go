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
	Number  int // from 1, since the last [Server.ResetRequests]
	Method  string
	Path    string
	Query   url.Values
	Key     string    // the bearer key, empty where there is none
	Project string    // slug of the project that the key opens, empty where it opens none
	Status  int       // of the answer; 0 before it is known, and where none is sent
	Time    time.Time // of the arrival, by the machine's clock whatever the server's clock says
}

// requestLog keeps the requests, small enough for hundreds of thousands.
type requestLog struct {
	mu       sync.Mutex
	entries  []requestEntry
	era      int // grows with each reset
	inFlight int
	most     int
}

type requestEntry struct {
	method, path, rawQuery, key, project string
	status                               int
	time                                 time.Time
}

// arrived notes a request and returns how to note its end.
func (l *requestLog) arrived(r *http.Request, key, project string) (Request, func(status int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, requestEntry{
		method: r.Method, path: r.URL.Path, rawQuery: r.URL.RawQuery,
		key: key, project: project, time: time.Now(),
	})
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	era, i := l.era, len(l.entries)-1
	return l.request(i), func(status int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
		if l.era == era {
			l.entries[i].status = status
		}
	}
}

func (l *requestLog) request(i int) Request {
	e := l.entries[i]
	values, _ := url.ParseQuery(e.rawQuery) // as URL.Query does, what is malformed is left out
	return Request{
		Number: i + 1, Method: e.method, Path: e.path, Query: values,
		Key: e.key, Project: e.project, Status: e.status, Time: e.time,
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

// MaxInFlight returns the most requests that were in flight at once since the
// last reset. A request counts until its answer begins to be sent: later, a
// client may have read it all and sent its next one before the server notices.
func (s *Server) MaxInFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.most
}

// ResetRequests forgets all requests; those in flight count on.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
	s.log.era++
	s.log.most = s.log.inFlight
}

// bearer returns the key of a request, if it has one.
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return key
}
