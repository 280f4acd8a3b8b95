package apitest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func Example() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	server := apitest.NewServer(apitest.WithClock(func() time.Time { return noon }))
	defer server.Close()

	checkout := server.AddProject("checkout", "key-1")
	id := checkout.Add(apitest.Run{State: "started", Branch: new("main")})
	checkout.Add(apitest.Run{State: "queued", Branch: new("fix/basket")})
	checkout.Update(id, func(run *apitest.Run) {
		run.State = "ended"
		run.FailedCount = new(int64(2))
	})
	server.InjectN(1, apitest.Status(500, "Write conflict."), apitest.Result("failed"))

	for range 2 {
		request, err := http.NewRequest(http.MethodGet, server.URL+"/api/test-runs?result=failed", nil)
		if err != nil {
			panic(err)
		}
		request.Header.Set("Authorization", "Bearer key-1")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			panic(err)
		}
		var page struct {
			Data struct {
				TestRuns struct {
					Items []struct {
						ID        int64
						Branch    string `json:"test_run_branch"`
						CreatedAt string `json:"created_at"`
					}
				} `json:"test_runs"`
			}
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		_ = response.Body.Close()
		fmt.Println(response.StatusCode, page.Data.TestRuns.Items, err)
	}
	fmt.Println(server.CountRequests(), "requests")

	// Output:
	// 500 [] <nil>
	// 200 [{1 main 2026-03-02T12:00:00.000Z}] <nil>
	// 2 requests
}
