package apitest_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

// BenchmarkPages shows that a page costs the same however long the history is.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		server := apitest.NewServer(apitest.WithClock(func() time.Time { return noon }))
		project := server.AddProject("checkout", "key-1")
		project.AddAll(synth.Bulk(1, n, 200, noon.AddDate(0, 0, -8), noon))
		for _, query := range []string{"", "&page=5", "&state=started", "&result=failed", "&interval_in_days=9", "&id=7"} {
			b.Run(fmt.Sprintf("%d runs/%s", n, query), func(b *testing.B) {
				for b.Loop() {
					read(b, server.URL+"/api/test-runs?per_page=100"+query)
				}
			})
		}
		server.Close()
	}
}

func read(b *testing.B, url string) {
	b.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer key-1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("status %d, error %v", response.StatusCode, err)
	}
	if err := response.Body.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAddAndUpdate adds, starts and ends a run in a history of a million.
func BenchmarkAddAndUpdate(b *testing.B) {
	server := apitest.NewServer()
	defer server.Close()
	project := server.AddProject("checkout", "key-1")
	project.AddAll(synth.Bulk(1, 1_000_000, 200, noon.AddDate(0, 0, -8), noon))
	for b.Loop() {
		id := project.Add(apitest.Run{State: "queued", Branch: new("main")})
		for _, state := range []string{"started", "ended"} {
			project.Update(id, func(run *apitest.Run) { run.State = state })
		}
	}
}

// BenchmarkAnalytics asks for the analytics of a history of a hundred thousand.
func BenchmarkAnalytics(b *testing.B) {
	server := apitest.NewServer(apitest.WithClock(func() time.Time { return noon }))
	defer server.Close()
	project := server.AddProject("checkout", "key-1")
	project.AddAll(synth.Bulk(1, 100_000, 200, noon.AddDate(0, 0, -8), noon))
	for _, path := range []string{"test-cases?order_by=fail_rate&limit=20", "test-runs"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				read(b, server.URL+"/api/v2/analytics/"+path)
			}
		})
	}
}
