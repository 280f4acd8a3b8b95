package main

import (
	"io"
	"net/http"
)

const (
	healthyPath = "/-/healthy"
	readyPath   = "/-/ready"
)

// healthy answers 200 while the process serves.
func healthy() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		tell(w, http.StatusOK, "healthy\n")
	})
}

// ready answers 200 once the first refresh of each key has ended, well or
// badly, and 503 before.
func ready(exporter interface{ Ready() bool }) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if exporter.Ready() {
			tell(w, http.StatusOK, "ready\n")
			return
		}
		tell(w, http.StatusServiceUnavailable, "not ready: the first refresh is under way\n")
	})
}

func tell(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text) // whoever asked has gone
}
