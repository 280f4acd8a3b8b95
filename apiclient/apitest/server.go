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

// Server is the API. Make one with [NewServer], and close it.
type Server struct {
	URL string // base URL, http://127.0.0.1:port, without a slash at the end; empty before Start

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

// settings are what can be switched while the server runs.
type settings struct {
	withState  bool
	latency    time.Duration
	unknownID  UnknownID
	onRequest  func(Request)
	onResponse func(Request)
}

// Option sets up a server.
type Option func(*Server)

// WithClock sets the clock that the filter interval_in_days and runs without a
// creation time go by. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.clock = now } }

// WithoutState serves items as on the current reference page: without `state`,
// `error_code` and `failed_count_after_snoozing`. The default is with them.
func WithoutState() Option { return func(s *Server) { s.settings.withState = false } }

// WithAddress sets the address to listen on. The default is a free port of 127.0.0.1.
func WithAddress(address string) Option { return func(s *Server) { s.address = address } }

// NewServer starts a server without projects. It panics where it cannot listen.
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

// Start begins to listen and sets URL. Its error says why it cannot.
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

// closeLimit bounds the wait of Close for handlers, which only a hook or a
// clock that blocks can make long.
const closeLimit = 5 * time.Second

// Close stops listening, breaks off all requests, hanging ones too, and waits
// for their handlers. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	_ = s.http.Close() // its error is the listener's, which is gone either way
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
