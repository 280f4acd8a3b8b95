package apitest_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// addFive adds the runs 1 to 5, the newest being 5.
func addFive(p *apitest.Project) {
	for i := range 5 {
		p.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(time.Duration(i-10) * time.Minute)})
	}
}

func TestFault_Answers(t *testing.T) {
	for name, test := range map[string]struct {
		fault apitest.Fault
		check func(*page) bool
	}{
		"Status": {apitest.Status(503, "Come back."), func(p *page) bool {
			return p.status == 503 && p.Error.Message == "Come back."
		}},
		"StatusRetryAfter": {apitest.StatusRetryAfter(429, "7"), func(p *page) bool {
			return p.status == 429 && p.header.Get("Retry-After") == "7"
		}},
		"Redirect": {apitest.Redirect(307, "http://127.0.0.2/api"), func(p *page) bool {
			return p.status == 307 && p.header.Get("Location") == "http://127.0.0.2/api"
		}},
		"Body": {apitest.Body("text/html", []byte("<html>")), func(p *page) bool {
			return p.status == 200 && p.header.Get("Content-Type") == "text/html" && p.body == "<html>"
		}},
		"ShortenBody": {apitest.ShortenBody(30), func(p *page) bool {
			return p.status == 200 && len(p.body) == 30 && p.header.Get("Content-Length") == "30"
		}},
		"DripBody": {apitest.DripBody(400, time.Millisecond), func(p *page) bool {
			return slices.Equal(p.ids(), []int64{5, 4, 3, 2, 1})
		}},
		"HugeBody": {apitest.HugeBody(17 << 20), func(p *page) bool {
			return len(p.body) == 17<<20 && slices.Equal(p.ids(), []int64{5, 4, 3, 2, 1})
		}},
		"HugeBody that is smaller than the page": {apitest.HugeBody(1), func(p *page) bool {
			return slices.Equal(p.ids(), []int64{5, 4, 3, 2, 1})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			server, project := newServer(t)
			addFive(project)
			server.Inject(test.fault)
			if got := mustFetch(t, server, ""); !test.check(got) {
				t.Errorf("status %d, header %v, body %.200q", got.status, got.header, got.body)
			}
		})
	}
}

func TestFault_Connections(t *testing.T) {
	for name, test := range map[string]struct {
		fault apitest.Fault
		want  error
	}{
		"Reset":        {apitest.Reset(), syscall.ECONNRESET},
		"TruncateBody": {apitest.TruncateBody(20), io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			server, project := newServer(t)
			addFive(project)
			remove := server.Inject(test.fault)
			if _, err := fetch(server, ""); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			remove()
			if got := mustFetch(t, server, ""); len(got.ids()) != 5 {
				t.Errorf("after the fault: %s", got.body)
			}
		})
	}
}

// Close must end what hangs, and must not wait for a client.
func TestFault_Hanging(t *testing.T) {
	for name, test := range map[string]struct {
		fault apitest.Fault
		body  int // bytes that come before it hangs
	}{
		"HangBeforeHeaders": {apitest.HangBeforeHeaders(), 0},
		"StallBody":         {apitest.StallBody(20), 20},
		"DripBody":          {apitest.DripBody(1, time.Hour), 0},
	} {
		t.Run(name, func(t *testing.T) {
			server, project := newServer(t)
			addFive(project)
			server.Inject(test.fault)
			arrived := make(chan struct{})
			server.OnResponse(func(apitest.Request) { close(arrived) })
			type result struct {
				page *page
				err  error
			}
			done := make(chan result)
			go func() {
				p, err := fetch(server, "")
				done <- result{p, err}
			}()
			<-arrived
			select {
			case r := <-done:
				t.Fatalf("it did not hang: %v, %v", r.page, r.err)
			case <-time.After(50 * time.Millisecond):
			}
			begun := time.Now()
			server.Close()
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("Close took %s", took)
			}
			r := <-done
			if r.err == nil {
				t.Error("the client got a complete answer")
			}
			if r.page != nil && len(r.page.body) != test.body {
				t.Errorf("the body is %q, want %d bytes", r.page.body, test.body)
			}
		})
	}
}

// While the body of a request is unread, net/http does not notice that the
// connection has ended. Close must end such a request too.
func TestFault_HangingWithARequestBody(t *testing.T) {
	server, _ := newServer(t)
	server.Inject(apitest.HangBeforeHeaders())
	arrived := make(chan struct{})
	server.OnResponse(func(apitest.Request) { close(arrived) })
	failed := make(chan error)
	go func() {
		response, err := newClient().Post(server.URL+"/api/test-runs", "text/plain", strings.NewReader("a body"))
		if err == nil {
			err = response.Body.Close()
		}
		failed <- err
	}()
	<-arrived
	begun := time.Now()
	server.Close()
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("Close took %s", took)
	}
	if err := <-failed; err == nil {
		t.Error("the client got an answer")
	}
}

func TestFault_Lists(t *testing.T) {
	for name, test := range map[string]struct {
		fault apitest.Fault
		query string
		want  []int64
	}{
		"SamePage":         {apitest.SamePage(), "per_page=2&page=2", []int64{5, 4}},
		"CapPerPage":       {apitest.CapPerPage(2), "per_page=3&page=2", []int64{3, 2}},
		"Reversed":         {apitest.Reversed(), "per_page=2&page=2", []int64{3, 4}},
		"Shuffled":         {apitest.Shuffled(), "", []int64{4, 2, 5, 3, 1}},
		"Shuffled, of two": {apitest.Shuffled(), "per_page=2", []int64{4, 5}},
		"Duplicates":       {apitest.Duplicates(), "per_page=2", []int64{5, 5, 4, 4}},
		"IgnoreID":         {apitest.IgnoreID(), "id=3&per_page=2", []int64{5, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			server, project := newServer(t)
			addFive(project)
			server.Inject(test.fault)
			if got := mustFetch(t, server, test.query).ids(); !slices.Equal(got, test.want) {
				t.Errorf("?%s: %v, want %v", test.query, got, test.want)
			}
		})
	}
}

func TestFault_Pagination(t *testing.T) {
	server, project := newServer(t)
	addFive(project)
	remove := server.Inject(apitest.NoPagination())
	if got := mustFetch(t, server, ""); got.Pagination != nil || len(got.ids()) != 5 {
		t.Errorf("NoPagination: %s", got.body)
	}
	remove()
	server.Inject(apitest.Total(77))
	server.Inject(apitest.TotalPages(9))
	if got := mustFetch(t, server, ""); got.Pagination.Total != 77 || got.Pagination.TotalPages != 9 || got.Pagination.Page != 1 {
		t.Errorf("Total and TotalPages: %+v", *got.Pagination)
	}
}

func TestFault_Edits(t *testing.T) {
	server, project := newServer(t)
	addFive(project)
	server.Inject(apitest.EditItem(func(item map[string]any) {
		if item["id"] == json.Number("4") {
			delete(item, "created_at")
		}
	}))
	server.Inject(apitest.EditBody(func(doc map[string]any) { doc["data"].(map[string]any)["project"] = nil }))
	got := mustFetch(t, server, "")
	for _, item := range got.Data.TestRuns.Items {
		if _, there := item["created_at"]; there == (item["id"] == 4.0) {
			t.Errorf("item %v", item)
		}
	}
	if !strings.Contains(got.body, `"project":null`) {
		t.Errorf("the project is still there: %s", got.body)
	}

	project.Update(1, func(run *apitest.Run) { run.Extra = map[string]json.RawMessage{"x": json.RawMessage("oops")} })
	if got := mustFetch(t, server, ""); got.status != 500 || !strings.Contains(got.Error.Message, "Extra") {
		t.Errorf("an edit of what is not JSON: %d %s", got.status, got.body)
	}
	project.Delete(1)
	server.Inject(apitest.EditBody(func(doc map[string]any) { doc["x"] = make(chan int) }))
	if got := mustFetch(t, server, ""); got.status != 500 || !strings.Contains(got.Error.Message, "no JSON form") {
		t.Errorf("an edit to what is not JSON: %d %s", got.status, got.body)
	}
}

func TestMatch(t *testing.T) {
	for name, test := range map[string]struct {
		when      []apitest.Match
		hit, miss string
	}{
		"none":      {nil, "", ""},
		"Page":      {[]apitest.Match{apitest.Page(2)}, "page=2", "page=1"},
		"Page(1)":   {[]apitest.Match{apitest.Page(1)}, "", "page=2"},
		"State":     {[]apitest.Match{apitest.State("ended")}, "state=ended", ""},
		"Result":    {[]apitest.Match{apitest.Result("failed")}, "state=ended&result=failed", "state=ended"},
		"ID":        {[]apitest.Match{apitest.ID(3)}, "id=3", "id=2"},
		"Lookup":    {[]apitest.Match{apitest.Lookup()}, "id=3", "state=ended"},
		"Key":       {[]apitest.Match{apitest.Key("key-1")}, "", ""},
		"other key": {[]apitest.Match{apitest.Not(apitest.Key("key-2"))}, "", ""},
		"both":      {[]apitest.Match{apitest.Page(2), apitest.State("ended")}, "page=2&state=ended", "page=2"},
	} {
		t.Run(name, func(t *testing.T) {
			server, project := newServer(t)
			addFive(project)
			server.Inject(apitest.Status(500, ""), test.when...)
			if got := mustFetch(t, server, test.hit); got.status != 500 {
				t.Errorf("?%s got no fault", test.hit)
			}
			if test.miss == test.hit {
				return
			}
			if got := mustFetch(t, server, test.miss); got.status != 200 {
				t.Errorf("?%s got a fault", test.miss)
			}
		})
	}
}

func TestInject_Ends(t *testing.T) {
	statuses := func(server *apitest.Server, n int) (got []int) {
		for range n {
			got = append(got, mustFetch(t, server, "").status)
		}
		return got
	}
	server, _ := newServer(t)
	server.InjectN(2, apitest.Status(500, ""))
	server.InjectN(0, apitest.Status(404, ""))
	if got := statuses(server, 3); !slices.Equal(got, []int{500, 500, 200}) {
		t.Errorf("InjectN(2): %v", got)
	}
	server.ResetRequests()
	remove := server.Inject(apitest.Status(502, ""), apitest.After(1))
	if got := statuses(server, 3); !slices.Equal(got, []int{200, 502, 502}) {
		t.Errorf("After(1): %v", got)
	}
	remove()
	remove()
	server.Inject(apitest.Status(500, ""))
	server.Inject(apitest.Status(501, ""))
	if got := statuses(server, 1); !slices.Equal(got, []int{501}) {
		t.Errorf("two faults: %v, want the last", got)
	}
}
