package apiclient

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObservePages(t *testing.T) {
	items := []string{
		`{"id":3,"created_at":"2026-11-23T10:00:00Z","note":"merge_conflict","error_code":"new_code","trigger":{}}`,
		`{"id":2,"created_at":"2026-11-23T10:00:00Z","failure":{"branch":"merge_conflict","why":"worker_interrupted"}}`,
		`{"id":1,"created_at":"soon","duration":5}`,
	}
	server := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body(items...)) })
	var seen []ObservedPage
	session := newTestClient(t, server.URL).Session(nil, ObservePages(func(page ObservedPage) { seen = append(seen, page) }))
	query := Query{State: Errored, Page: 1, PerPage: 100}
	page, err := session.Page(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0].Page != page || seen[0].Query != query {
		t.Fatalf("seen %+v", seen)
	}
	type summary struct {
		ID            int64
		Keys, CodeKey string
		Code          ErrorCode
		Refused       RefusalReason
	}
	var got []summary
	for _, item := range seen[0].Items {
		s := summary{ID: item.Run.ID, Keys: strings.Join(item.Keys, " "), CodeKey: item.CodeKey, Code: item.Run.ErrorCode}
		if item.Refusal != nil {
			s.Refused = item.Refusal.Reason
		}
		got = append(got, s)
	}
	want := []summary{
		{3, "id created_at note error_code trigger", "error_code", "new_code", ""},
		{2, "id created_at failure", "failure.why", WorkerInterrupted, ""},
		{1, "id created_at duration", "", "", RefusedCreatedAt},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if page.raw != nil {
		t.Error("the page keeps the answer in memory")
	}
}

func TestKnownKey(t *testing.T) {
	for _, key := range append(DocumentedKeys(), "state", "run_started_at", "error_code", "failed_count_after_snoozing") {
		if !KnownKey(key) {
			t.Errorf("%s is not known", key)
		}
	}
	if KnownKey("trigger") {
		t.Error("trigger is known")
	}
}

func TestAttempt_Answer(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "100")
		_, _ = w.Write(body())
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := newTestClient(t, server.URL)
	client.connections.newClient = server.Client
	var attempts []Attempt
	if _, err := client.Session(func(a Attempt) { attempts = append(attempts, a) }).Page(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	if len(attempts) != 1 {
		t.Fatalf("%d attempts", len(attempts))
	}
	if a := attempts[0]; a.Status != http.StatusOK || a.Proto != "HTTP/2.0" || a.TLSVersion != tls.VersionTLS13 || a.Header.Get("X-RateLimit-Limit") != "100" {
		t.Errorf("%+v", a)
	}
	server.Close()
	impatient := newTestClient(t, server.URL, WithClock(newFakeClock()))
	if _, err := impatient.Session(func(a Attempt) { attempts = append(attempts, a) }).Page(t.Context(), Query{}); err == nil {
		t.Fatal("a closed server answers")
	}
	if a := attempts[1]; a.Status != 0 || a.Proto != "" || a.Header != nil {
		t.Errorf("without an answer: %+v", a)
	}
}

func TestClient_Names(t *testing.T) {
	client := newTestClient(t, "https://api.example/base/")
	if got := client.URL(); got != "https://api.example/base/api/test-runs" {
		t.Errorf("URL %s", got)
	}
}
