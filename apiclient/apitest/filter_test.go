package apitest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// addOneOfEach adds runs that differ for each filter, some hours after one another.
func addOneOfEach(p *apitest.Project) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	day := 24 * time.Hour
	p.AddAll([]apitest.Run{
		{ID: 1, State: "ended", Branch: new("main"), EnvironmentSlug: new("production"), FailedCount: new(int64(0)), CreatedAt: ago(3 * day)},
		{ID: 2, State: "ended", Branch: new("main"), EnvironmentSlug: new("staging"), FailedCount: new(int64(4)), CreatedAt: ago(2 * day)},
		{
			ID: 3, State: "ended", Branch: new("main"), EnvironmentSlug: new("staging"), FailedCount: new(int64(4)),
			FailedCountAfterSnoozing: new(int64(0)), CreatedAt: ago(day),
		},
		{ID: 4, State: "error", Branch: new("fix/basket"), ErrorCode: new("merge_conflict"), CreatedAt: ago(day - time.Millisecond)},
		{ID: 5, State: "ended", CreatedAt: ago(5 * time.Hour)},
		{ID: 6, State: "cancelled", Branch: new("fix/basket"), FailedCount: new(int64(1)), CreatedAt: ago(4 * time.Hour)},
		{ID: 7, State: "started", Branch: new("main"), FailedCount: new(int64(1)), CreatedAt: ago(time.Hour)},
		{ID: 8, State: "paused", Branch: new("main"), EnvironmentSlug: new("production"), CreatedAt: ago(time.Hour)},
		{ID: 9, State: "queued", Branch: new("main"), CreatedAt: ago(-time.Minute)},
	})
}

// filtered are the runs that queries select of those. The environment ids are 1 for
// production and 2 for staging.
var filtered = map[string][]int64{
	"":                                    {9, 8, 7, 6, 5, 4, 3, 2, 1},
	"unknown_parameter=1":                 {9, 8, 7, 6, 5, 4, 3, 2, 1},
	"id=4":                                {4},
	"id=4&state=error":                    {4},
	"id=4&state=ended":                    {},
	"id=4&branch=main":                    {},
	"id=2&result=failed":                  {2},
	"id=2&result=passed":                  {},
	"id=3&result=passed":                  {3},
	"id=7&result=failed":                  {},
	"id=9&result=passed":                  {},
	"id=3&interval_in_days=1":             {},
	"id=4&interval_in_days=1":             {4},
	"id=2&environment_ids=2":              {2},
	"id=2&environment_ids=1":              {},
	"id=4&page=2":                         {},
	"branch=main":                         {9, 8, 7, 3, 2, 1},
	"branch=fix/basket":                   {6, 4},
	"branch=MAIN":                         {},
	"branch=":                             {},
	"interval_in_days=1":                  {9, 8, 7, 6, 5, 4},
	"interval_in_days=2":                  {9, 8, 7, 6, 5, 4, 3},
	"interval_in_days=3":                  {9, 8, 7, 6, 5, 4, 3, 2},
	"interval_in_days=4":                  {9, 8, 7, 6, 5, 4, 3, 2, 1},
	"interval_in_days=9000000000000":      {9, 8, 7, 6, 5, 4, 3, 2, 1},
	"state=ended":                         {5, 3, 2, 1},
	"state=error":                         {4},
	"state=pending":                       {},
	"state=paused":                        {8},
	"state=never-seen":                    {},
	"result=passed":                       {5, 3, 1},
	"result=failed":                       {2},
	"state=ended&result=failed":           {2},
	"state=started&result=failed":         {},
	"environment_ids=1":                   {8, 1},
	"environment_ids=2":                   {3, 2},
	"environment_ids=1,2":                 {8, 3, 2, 1},
	"environment_ids=1,77":                {8, 1},
	"environment_ids=77":                  {},
	"environment_ids=2&result=passed":     {3},
	"per_page=4":                          {9, 8, 7, 6},
	"per_page=4&page=2":                   {5, 4, 3, 2},
	"per_page=4&page=3":                   {1},
	"per_page=4&page=4":                   {},
	"per_page=2&page=9223372036854775807": {},
	"per_page=1&state=ended&page=4":       {1},
	"branch=main&interval_in_days=3&environment_ids=2&state=ended&result=failed&per_page=1": {2},
}

func TestFilters(t *testing.T) {
	server, project := newServer(t)
	addOneOfEach(project)
	production, staging := project.EnvironmentID("production"), project.EnvironmentID("staging")
	if production != 1 || staging != 2 {
		t.Fatalf("environment ids are %d and %d, want 1 and 2", production, staging)
	}

	for query, want := range filtered {
		got := mustFetch(t, server, query)
		if got.status != http.StatusOK || !cmp.Equal(got.ids(), want) {
			t.Errorf("?%s: status %d, runs %v, want %v", query, got.status, got.ids(), want)
		}
	}
}

func TestServer_InvalidRequests(t *testing.T) {
	server, project := newServer(t)
	project.Add(apitest.Run{State: "ended"})
	const good = "Bearer key-1"
	for _, test := range []struct {
		method, path, authorization string
		status                      int
		message                     string
	}{
		{"GET", "/api/test-runs", good, 200, ""},
		{"GET", "/api/test-runs", "bearer key-1", 200, ""},
		{"GET", "/api/test-runs", "", 401, "API key"},
		{"GET", "/api/test-runs", "Bearer key-2", 401, "API key"},
		{"GET", "/api/test-runs", "Bearer ", 401, "API key"},
		{"GET", "/api/test-runs", "Basic key-1", 401, "API key"},
		{"POST", "/api/test-runs", good, 405, "GET"},
		{"GET", "/api/test-runs/1", good, 404, "/api/test-runs/1"},
		{"GET", "/", good, 404, "nothing at /"},
		{"GET", "/api/test-runs?id=2", good, 404, "run 2 not found"},
		{"GET", "/api/test-runs?id=2&state=ended", good, 404, "run 2 not found"},
		{"GET", "/api/test-runs?id=0", good, 400, "id must be at least 1, not 0"},
		{"GET", "/api/test-runs?id=x", good, 400, `id must be a whole number, not "x"`},
		{"GET", "/api/test-runs?id=", good, 400, "id must be a whole number"},
		{"GET", "/api/test-runs?page=0", good, 400, "page must be at least 1"},
		{"GET", "/api/test-runs?page=1.5", good, 400, "page must be a whole number"},
		{"GET", "/api/test-runs?per_page=0", good, 400, "per_page must be at least 1"},
		{"GET", "/api/test-runs?per_page=101", good, 400, "per_page must be at most 100, not 101"},
		{"GET", "/api/test-runs?interval_in_days=0", good, 400, "interval_in_days must be at least 1"},
		{"GET", "/api/test-runs?interval_in_days=week", good, 400, "interval_in_days must be a whole number"},
		{"GET", "/api/test-runs?result=ended", good, 400, `result must be passed or failed, not "ended"`},
		{"GET", "/api/test-runs?environment_ids=1,b", good, 400, "each of environment_ids must be a whole number"},
		{"GET", "/api/test-runs?environment_ids=", good, 400, "each of environment_ids must be a whole number"},
	} {
		got, err := fetchAs(server, test.method, test.path, test.authorization)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != test.status || !strings.Contains(got.Error.Message, test.message) {
			t.Errorf("%s %s with %q: status %d, message %q, want %d, %q",
				test.method, test.path, test.authorization, got.status, got.Error.Message, test.status, test.message)
		}
		if got.status == 405 && got.header.Get("Allow") != "GET" {
			t.Errorf("%s %s: allowed is %q", test.method, test.path, got.header.Get("Allow"))
		}
		if got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: content type %q", test.method, test.path, got.header.Get("Content-Type"))
		}
	}
}

func TestServer_UnknownID(t *testing.T) {
	server, _ := newServer(t)
	server.SetUnknownID(apitest.EmptyList)
	if got := mustFetch(t, server, "id=5"); got.status != 200 || len(got.ids()) != 0 || got.Pagination == nil {
		t.Errorf("empty list: %d %s", got.status, got.body)
	}
	server.SetUnknownID(apitest.NotFound)
	if got := mustFetch(t, server, "id=5"); got.status != 404 {
		t.Errorf("not found: %d %s", got.status, got.body)
	}
}
