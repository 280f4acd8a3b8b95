package apiclient

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNew_BadURL(t *testing.T) {
	for _, url := range []string{"", "api.empirical.run", "ftp://x", "http://", "http://user:secret@x", "http://secret@x", "http://x?key=secret", "http://:80", "http://x?a=b", "http://x#a", "http://[", "://"} {
		_, err := New(url, KeyText("k", "test"))
		if err == nil || !strings.Contains(err.Error(), "write it as https://api.empirical.run") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestClient_Redirects(t *testing.T) {
	elsewhere := serve(t, func(int, http.ResponseWriter, *http.Request) { t.Error("a request went to another origin") })
	var server *httptest.Server
	server = serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("state") {
		case "elsewhere":
			http.Redirect(w, r, elsewhere.URL+"/?the-key", http.StatusFound)
		case "scheme":
			http.Redirect(w, r, strings.Replace(server.URL, "http", "https", 1), http.StatusFound)
		case "circle":
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		case "same":
			http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
		default:
			if got := r.Header.Get("Authorization"); got != "Bearer the-key" {
				t.Errorf("Authorization %q after a redirect", got)
			}
			if got := r.Header.Get("X-Project-Id"); got != "17" {
				t.Errorf("X-Project-Id %q after a redirect", got)
			}
			_, _ = w.Write(body())
		}
	})
	s := newTestClient(t, server.URL, WithProjectID(17)).Session(nil)
	if _, err := s.Page(t.Context(), Query{State: "same"}); err != nil {
		t.Error(err)
	}
	for _, to := range []State{"elsewhere", "scheme", "circle"} {
		_, err := s.Page(t.Context(), Query{State: to})
		if !isA[*RedirectError](err) || strings.Contains(err.Error(), "the-key") {
			t.Errorf("%s: %v, want a RedirectError without the key", to, err)
		}
	}
}
