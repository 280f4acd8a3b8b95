package main

import (
	stdlog "log"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// newServer bounds what a client can hold up. There is no ReadTimeout: once it
// passed it would end the context of a scrape that still waits for a refresh.
func newServer(handler http.Handler, logger log.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// Longer than any sensible scrape interval, so that connections are reused.
		IdleTimeout:    5 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       stdlog.New(log.NewStdlibAdapter(level.Warn(logger)), "", 0),
	}
}
