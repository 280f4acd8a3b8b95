package apiclient

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// hangingAPI answers page 1 and lets the others hang until the client gives up.
func hangingAPI(t *testing.T) (url string, arrived chan struct{}, hangs func(bool)) {
	t.Helper()
	arrived = make(chan struct{}, 100)
	var mu sync.Mutex
	hanging := true
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hang := hanging && r.URL.Query().Get("page") != "1"
		mu.Unlock()
		if hang {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(body())
	})
	return server.URL, arrived, func(on bool) {
		mu.Lock()
		defer mu.Unlock()
		hanging = on
	}
}

func TestBackground_GivesWay(t *testing.T) {
	url, arrived, hangs := hangingAPI(t)
	c := newTestClient(t, url, WithConcurrency(1), func(c *Client) { c.giveWayTime = time.Millisecond })
	var attempts []int
	ended := make(chan error, 1)
	go func() {
		_, err := c.Session(func(a Attempt) { attempts = append(attempts, a.Status) }, Background()).Page(t.Context(), Query{Page: 2})
		ended <- err
	}()
	<-arrived
	if _, err := c.Session(nil).Page(t.Context(), Query{Page: 1}); err != nil {
		t.Fatal(err)
	}
	<-arrived // it is sent again
	hangs(false)
	if _, err := c.Session(nil).Page(t.Context(), Query{Page: 1}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || len(attempts) != 3 || attempts[0] != 0 || attempts[1] != 0 {
		t.Errorf("%v with attempts %v, want success with the third", err, attempts)
	}
}

// What is not in the background has the whole timeout.
func TestBackground_OthersDoNotGiveWay(t *testing.T) {
	url, arrived, _ := hangingAPI(t)
	c := newTestClient(t, url, WithConcurrency(1), WithTimeout(200*time.Millisecond), func(c *Client) { c.giveWayTime = time.Millisecond })
	ended := make(chan error, 1)
	go func() {
		_, err := c.Session(nil).Page(t.Context(), Query{Page: 2})
		ended <- err
	}()
	<-arrived
	if _, err := c.Session(nil).Page(t.Context(), Query{Page: 1}); err != nil {
		t.Fatal(err)
	}
	if timeout := wantError[*TimeoutError](t, <-ended, "no complete answer"); timeout != nil && timeout.GaveWay {
		t.Error("it gave way")
	}
}

// A request in the background that is only as slow as the others is not ended,
// nor is one while there is another place.
func TestBackground_KeepsItsPlace(t *testing.T) {
	for name, option := range map[string]Option{
		"slow API":      func(c *Client) { c.usual.Store(int64(time.Hour)) },
		"another place": WithConcurrency(2),
	} {
		t.Run(name, func(t *testing.T) {
			url, arrived, _ := hangingAPI(t)
			c := newTestClient(t, url, WithConcurrency(1), WithTimeout(300*time.Millisecond), func(c *Client) { c.giveWayTime = time.Millisecond }, option)
			var all sync.WaitGroup
			all.Go(func() {
				_, err := c.Session(nil, Background()).Page(t.Context(), Query{Page: 2})
				if timeout := wantError[*TimeoutError](t, err, "no complete answer"); timeout != nil && timeout.GaveWay {
					t.Errorf("it gave way: %v", err)
				}
			})
			<-arrived
			if _, err := c.Session(nil).Page(t.Context(), Query{Page: 1}); err != nil {
				t.Error(err)
			}
			all.Wait()
		})
	}
}

// It gives up like others when what it sends again and again has no answer.
func TestBackground_GivesUp(t *testing.T) {
	url, arrived, _ := hangingAPI(t)
	clock := newFakeClock()
	c := newTestClient(t, url, WithConcurrency(1), WithClock(clock), func(c *Client) { c.giveWayTime = time.Millisecond })
	ended := make(chan error, 1)
	go func() {
		_, err := c.Session(nil, Background()).Page(t.Context(), Query{Page: 2})
		ended <- err
	}()
	for range 3 {
		<-arrived
		_ = clock.Sleep(t.Context(), 25*time.Second) // the timeout is 30 s
		if _, err := c.Session(nil).Page(t.Context(), Query{Page: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if timeout := wantError[*TimeoutError](t, <-ended, "when another request needed its place"); timeout != nil && !timeout.GaveWay {
		t.Error("not marked as having given way")
	}
}
