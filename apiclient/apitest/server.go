package apitest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is the API in memory. Make one with [NewServer], and close it.
type Server struct {
	URL string // such as http://127.0.0.1:port, without a slash at the end; empty before Start

	address string
	clock   func() time.Time
	http    *http.Server
	end     context.CancelFunc
	running sync.WaitGroup // the listener and the handlers
	log     requestLog
	faults  faultList

	mu       sync.RWMutex
	closed   bool
	keys     map[string]*Project
	projects int64
	settings settings
}

// settings can be changed while the server runs.
type settings struct {
	withState  bool
	latency    time.Duration
	unknownID  UnknownID
	onRequest  func(Request)
	onResponse func(Request)
}

// Option sets up a server.
type Option func(*Server)

// WithClock sets the clock for the filter interval_in_days and for the creation
// time of runs that are added without one. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.clock = now } }

// WithoutState serves items as on the current reference page: without `state`,
// `error_code` and `failed_count_after_snoozing`. By default items have them.
func WithoutState() Option { return func(s *Server) { s.settings.withState = false } }

// WithAddress sets the address to listen on. The default is a free port of 127.0.0.1.
func WithAddress(address string) Option { return func(s *Server) { s.address = address } }

// NewServer starts a server without projects. It panics if it cannot listen.
func NewServer(opts ...Option) *Server {
	s := NewUnstartedServer(opts...)
	if err := s.Start(); err != nil {
		panic("apitest: " + err.Error())
	}
	return s
}

// NewUnstartedServer makes a server that does not listen yet, so that its
// projects can be filled first. [Server.Start] starts it.
func NewUnstartedServer(opts ...Option) *Server {
	s := &Server{
		address:  "127.0.0.1:0",
		clock:    time.Now,
		keys:     map[string]*Project{},
		settings: settings{withState: true},
	}
	for _, opt := range opts {
		opt(s)
	}
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
	}
	return s
}

// Start starts to listen and sets URL.
func (s *Server) Start() error {
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.address, err)
	}
	s.URL = "http://" + listener.Addr().String()
	s.running.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic("apitest: " + err.Error())
		}
	})
	return nil
}

// closeLimit bounds how long Close waits for handlers. They end at once unless a
// hook or a clock blocks.
const closeLimit = 5 * time.Second

// Close stops listening, ends all requests, also those that hang, and waits for
// their handlers. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	_ = s.http.Close() // the listener is closed in any case
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(closeLimit):
	}
}

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

// SetState sets, from the next request on, whether items have `state`,
// `error_code` and `failed_count_after_snoozing`.
func (s *Server) SetState(on bool) { s.change(func(now *settings) { now.withState = on }) }

// SetLatency sets how long each request waits before its answer is made.
func (s *Server) SetLatency(latency time.Duration) {
	s.change(func(now *settings) { now.latency = latency })
}

// UnknownID is the kind of answer to a look-up by an id that no run has.
type UnknownID int

const (
	// NotFound answers 404, as the API does.
	NotFound UnknownID = iota
	// EmptyList answers 200 with no items.
	EmptyList
)

// SetUnknownID sets the answer to look-ups by an unknown id. The default is NotFound.
func (s *Server) SetUnknownID(answer UnknownID) {
	s.change(func(now *settings) { now.unknownID = answer })
}

// OnRequest sets a function that is called for each request before its answer is
// made; nil removes it. It is called from several goroutines at once. It may use
// the server and its projects, and may block.
func (s *Server) OnRequest(f func(Request)) { s.change(func(now *settings) { now.onRequest = f }) }

// OnResponse is like OnRequest. The function is called when the answer is made,
// before it is sent, and gets its status.
func (s *Server) OnResponse(f func(Request)) { s.change(func(now *settings) { now.onResponse = f }) }
