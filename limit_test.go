package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

func TestLimit(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(limit(2, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	})))
	defer server.Close()

	var held sync.WaitGroup
	for range 2 {
		held.Go(func() {
			if code, body := get(t, server.URL); code != http.StatusOK {
				t.Errorf("%d, want 200: %s", code, body)
			}
		})
		<-entered
	}
	if code, body := get(t, server.URL); code != http.StatusServiceUnavailable {
		t.Errorf("%d beyond the limit, want 503: %s", code, body)
	}
	close(leave)
	held.Wait()

	held.Go(func() { <-entered })
	if code, body := get(t, server.URL); code != http.StatusOK {
		t.Errorf("%d once there is room again, want 200: %s", code, body)
	}
	held.Wait()
}

func TestNoLimit(t *testing.T) {
	var all, inside sync.WaitGroup
	inside.Add(50)
	server := httptest.NewServer(limit(0, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside.Done()
		inside.Wait() // until all 50 are served at once
	})))
	defer server.Close()
	for range 50 {
		all.Go(func() {
			if code, body := get(t, server.URL); code != http.StatusOK {
				t.Errorf("%d, want 200: %s", code, body)
			}
		})
	}
	all.Wait()
}
