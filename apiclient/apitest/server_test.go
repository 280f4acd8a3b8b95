package apitest_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestServer_Requests(t *testing.T) {
	server, project := newServer(t)
	project.Add(apitest.Run{})
	before := time.Now()
	mustFetch(t, server, "page=1&state=ended")
	mustFetch(t, server, "id=99")
	server.InjectN(1, apitest.Reset())
	if _, err := fetch(server, ""); err == nil {
		t.Fatal("no reset")
	}
	if _, err := fetchAs(server, "POST", "/other", ""); err != nil {
		t.Fatal(err)
	}
	want := []apitest.Request{
		{
			Number: 1, Method: "GET", Path: "/api/test-runs", Key: "key-1", Project: "checkout", Status: 200,
			Query: url.Values{"page": {"1"}, "state": {"ended"}},
		},
		{
			Number: 2, Method: "GET", Path: "/api/test-runs", Key: "key-1", Project: "checkout", Status: 404,
			Query: url.Values{"id": {"99"}},
		},
		{Number: 3, Method: "GET", Path: "/api/test-runs", Key: "key-1", Project: "checkout", Query: url.Values{}},
		{Number: 4, Method: "POST", Path: "/other", Status: 404, Query: url.Values{}},
	}
	got := server.Requests()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(apitest.Request{}, "Time")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, r := range got {
		if r.Time.Before(before) || r.Time.After(time.Now()) {
			t.Errorf("request %d arrived at %s", r.Number, r.Time)
		}
	}
	if server.CountRequests() != 4 {
		t.Errorf("%d requests, want 4", server.CountRequests())
	}
	server.ResetRequests()
	if server.CountRequests() != 0 || len(server.Requests()) != 0 || server.MaxInFlight() != 0 {
		t.Error("requests are left after the reset")
	}
}

func TestServer_MaxInFlight(t *testing.T) {
	server, _ := newServer(t)
	const clients = 5
	var arrivals sync.WaitGroup
	arrivals.Add(clients)
	server.OnRequest(func(apitest.Request) {
		arrivals.Done()
		arrivals.Wait() // nobody goes on before all have arrived
	})
	var all sync.WaitGroup
	for range clients {
		all.Go(func() { _, _ = fetch(server, "") })
	}
	all.Wait()
	if got := server.MaxInFlight(); got != clients {
		t.Errorf("most in flight is %d, want %d", got, clients)
	}
	server.OnRequest(nil)
	server.ResetRequests()
	for range 3 {
		mustFetch(t, server, "")
	}
	if got := server.MaxInFlight(); got != 1 {
		t.Errorf("most in flight is %d, want 1", got)
	}
}

func TestServer_Latency(t *testing.T) {
	server, _ := newServer(t)
	server.SetLatency(50 * time.Millisecond)
	begun := time.Now()
	mustFetch(t, server, "")
	if took := time.Since(begun); took < 50*time.Millisecond {
		t.Errorf("a request took %s", took)
	}
	server.SetLatency(time.Hour)
	arrived := make(chan struct{})
	server.OnRequest(func(apitest.Request) { close(arrived) })
	failed := make(chan error)
	go func() {
		_, err := fetch(server, "")
		failed <- err
	}()
	<-arrived
	server.Close()
	if err := <-failed; err == nil {
		t.Error("a request outlived the server")
	}
}

// A run that is added between page 1 and page 2 pushes the last run of page 1 down,
// so it is also the first of page 2.
func TestServer_Hooks(t *testing.T) {
	server, project := newServer(t)
	addFive(project)
	var statuses []int
	server.OnResponse(func(r apitest.Request) {
		statuses = append(statuses, r.Status)
		project.Add(apitest.Run{State: "queued"})
	})
	first, second := mustFetch(t, server, "per_page=2&page=1"), mustFetch(t, server, "per_page=2&page=2")
	if got, want := append(first.ids(), second.ids()...), []int64{5, 4, 4, 3}; !cmp.Equal(got, want) {
		t.Errorf("runs %v, want %v", got, want)
	}
	if !cmp.Equal(statuses, []int{200, 200}) {
		t.Errorf("statuses %v", statuses)
	}
	server.OnResponse(nil)
	server.OnRequest(func(r apitest.Request) {
		if r.Query.Get("id") == "8" {
			project.Add(apitest.Run{State: "pending"})
		}
	})
	if got := mustFetch(t, server, "id=8"); got.status != 200 || project.Len() != 8 {
		t.Errorf("the run of the hook is not in the answer: %d %s", got.status, got.body)
	}
}

func TestServer_StartError(t *testing.T) {
	server, _ := newServer(t)
	taken := server.URL[len("http://"):]
	second := apitest.NewUnstartedServer(apitest.WithAddress(taken))
	defer second.Close()
	err := second.Start()
	if err == nil {
		t.Fatal("two servers listen on one address")
	}
	if !strings.HasPrefix(err.Error(), "listen on "+taken) {
		t.Errorf("error %q", err)
	}
}
