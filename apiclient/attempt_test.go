package apiclient

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestRefusalWhoseMessageStallsIsNotRetried(t *testing.T) {
	server := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(401)
		_, _ = w.Write([]byte("no"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := newTestClient(t, server.URL, WithTimeout(100*time.Millisecond), WithBackoff(time.Millisecond, time.Millisecond))
	var attempts []int
	_, err := c.Session(func(a Attempt) { attempts = append(attempts, a.Status) }).Page(t.Context(), Query{})
	var status *StatusError
	if !errors.As(err, &status) || status.Code != 401 || fmt.Sprint(attempts) != "[401]" {
		t.Errorf("%v after attempts %v, want a 401 after one", err, attempts)
	}
}
