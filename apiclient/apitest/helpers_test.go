package apitest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// page is an answer as a plain HTTP client sees it.
type page struct {
	status int
	header http.Header
	body   string

	Data struct {
		Project struct {
			ID       int64
			Name     string
			Slug     string
			RepoName string `json:"repo_name"`
		}
		TestRuns struct {
			Items []map[string]any
		} `json:"test_runs"`
	}
	Pagination *struct {
		Page       int
		PerPage    int `json:"per_page"`
		Total      int
		TotalPages int `json:"total_pages"`
	}
	Error struct{ Message string }
}

func (p *page) ids() []int64 {
	ids := []int64{}
	for _, item := range p.Data.TestRuns.Items {
		id, _ := item["id"].(float64)
		ids = append(ids, int64(id))
	}
	return ids
}

// newClient does not follow redirects and keeps no connections.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       10 * time.Second,
	}
}

// fetch sends a request with the key key-1. Its error comes from the transport or
// says that the body is incomplete. A body that is not JSON is no error.
func fetch(server *apitest.Server, query string) (*page, error) {
	return fetchAs(server, http.MethodGet, "/api/test-runs?"+query, "Bearer key-1")
}

// fetchAs sends any request. Header is of names and values in turn.
func fetchAs(server *apitest.Server, method, path, authorization string, header ...string) (*page, error) {
	request, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		return nil, err
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := newClient().Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	p := &page{status: response.StatusCode, header: response.Header}
	body, err := io.ReadAll(response.Body)
	p.body = string(body)
	if err != nil {
		return p, err
	}
	_ = json.Unmarshal(body, p) // tests that need the fields check them
	return p, nil
}

func mustFetch(t *testing.T, server *apitest.Server, query string) *page {
	t.Helper()
	p, err := fetch(server, query)
	if err != nil {
		t.Fatalf("GET ?%s: %v", query, err)
	}
	return p
}

// noon is the time of the clock in these tests.
var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

func newServer(t *testing.T, opts ...apitest.Option) (*apitest.Server, *apitest.Project) {
	t.Helper()
	server := apitest.NewServer(append([]apitest.Option{apitest.WithClock(func() time.Time { return noon })}, opts...)...)
	t.Cleanup(server.Close)
	return server, server.AddProject("checkout", "key-1")
}
