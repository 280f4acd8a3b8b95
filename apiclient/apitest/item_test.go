package apitest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func fullRun() apitest.Run {
	return apitest.Run{
		ID: 456, State: "ended",
		TotalCount: new(int64(50)), SuccessCount: new(int64(47)), FailedCount: new(int64(2)),
		SkippedCount: new(int64(1)), FlakyCount: new(int64(3)), FailedCountAfterSnoozing: new(int64(1)),
		Duration: new(int64(120000)),
		Branch:   new("feat/\"q\""), EnvironmentSlug: new("staging"), EnvironmentName: new("Bühne\n\\"),
		BuildURL: new("https://ci.example/1"), BuildBranch: new("main"), Commit: new("0123abc"),
		ErrorCode: new("worker_interrupted"),
		CreatedAt: time.Date(2026, time.March, 1, 23, 0, 0, 1_999_999, time.FixedZone("", 3600)),
	}
}

// documented are the keys of an item on the reference page.
var documented = []string{
	"build_branch", "build_url", "commit", "created_at", "duration", "environment_name", "environment_slug",
	"failed_count", "flaky_count", "id", "skipped_count", "success_count", "test_run_branch", "total_count",
}

func TestItem(t *testing.T) {
	server, project := newServer(t, apitest.WithoutState())
	project.Add(fullRun())

	want := map[string]any{
		"id": 456.0, "total_count": 50.0, "success_count": 47.0, "failed_count": 2.0, "skipped_count": 1.0,
		"flaky_count": 3.0, "duration": 120000.0, "test_run_branch": `feat/"q"`, "environment_slug": "staging",
		"environment_name": "Bühne\n\\", "build_url": "https://ci.example/1", "build_branch": "main",
		"commit": "0123abc", "created_at": "2026-03-01T22:00:00.001Z",
	}
	if got := slices.Sorted(maps.Keys(want)); !slices.Equal(got, documented) {
		t.Fatalf("the test expects other keys than the reference page has: %v", got)
	}
	if diff := cmp.Diff(want, mustFetch(t, server, "").Data.TestRuns.Items[0]); diff != "" {
		t.Errorf("without state (-want +got):\n%s", diff)
	}

	server.SetState(true)
	want["state"], want["error_code"], want["failed_count_after_snoozing"] = "ended", "worker_interrupted", 1.0
	if diff := cmp.Diff(want, mustFetch(t, server, "").Data.TestRuns.Items[0]); diff != "" {
		t.Errorf("with state (-want +got):\n%s", diff)
	}
}

func TestItem_WithoutValues(t *testing.T) {
	server, project := newServer(t)
	project.Add(apitest.Run{ID: 1, State: "queued"})
	project.Add(apitest.Run{ID: 2, State: "queued"})
	at := "2026-03-02T12:00:00.000Z"
	want := []map[string]any{
		{
			"id": 2.0, "state": "queued", "total_count": nil, "success_count": nil, "failed_count": nil,
			"skipped_count": nil, "flaky_count": nil, "failed_count_after_snoozing": nil, "duration": nil,
			"test_run_branch": nil, "environment_slug": nil, "environment_name": nil, "build_url": nil,
			"build_branch": nil, "commit": nil, "error_code": nil, "created_at": at,
		},
		{
			"id": 1.0, "state": "queued", "total_count": nil, "success_count": nil, "failed_count": nil,
			"duration": nil, "test_run_branch": nil, "environment_slug": nil, "environment_name": nil, "created_at": at,
		},
	}
	if diff := cmp.Diff(want, mustFetch(t, server, "").Data.TestRuns.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestItem_Extra(t *testing.T) {
	server, project := newServer(t, apitest.WithoutState())
	run := fullRun()
	run.Extra = map[string]json.RawMessage{
		"id": nil, "total_count": json.RawMessage(`"50"`), "created_at": json.RawMessage(`[]`), "new_key": json.RawMessage(`{}`),
	}
	project.Add(run)
	item := mustFetch(t, server, "").Data.TestRuns.Items[0]
	if _, there := item["id"]; there {
		t.Error("id is there in spite of Extra")
	}
	if item["total_count"] != "50" || !cmp.Equal(item["created_at"], []any{}) || !cmp.Equal(item["new_key"], map[string]any{}) {
		t.Errorf("Extra is not in the item: %v", item)
	}
	project.Update(456, func(run *apitest.Run) { run.Extra = map[string]json.RawMessage{"id": json.RawMessage(`oops`)} })
	if got := mustFetch(t, server, ""); json.Valid([]byte(got.body)) {
		t.Errorf("the body is valid JSON: %s", got.body)
	}
}

func TestAnswer_Envelope(t *testing.T) {
	server, project := newServer(t)
	project.SetName("Check-out")
	project.SetRepoName("shop-tests")
	for range 41 {
		project.Add(apitest.Run{State: "ended"})
	}
	got := mustFetch(t, server, "page=3")
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.body), &keys); err != nil || len(keys) != 2 {
		t.Fatalf("keys %v, error %v", keys, err)
	}
	wantProject := page{}.Data.Project
	wantProject.ID, wantProject.Name, wantProject.Slug, wantProject.RepoName = 1, "Check-out", "checkout", "shop-tests"
	if got.Data.Project != wantProject {
		t.Errorf("project %+v, want %+v", got.Data.Project, wantProject)
	}
	pagination := *got.Pagination
	if pagination.Page != 3 || pagination.PerPage != 20 || pagination.Total != 41 || pagination.TotalPages != 3 {
		t.Errorf("pagination %+v", pagination)
	}
	if empty := *mustFetch(t, server, "state=error").Pagination; empty.Total != 0 || empty.TotalPages != 0 {
		t.Errorf("pagination of no runs %+v", empty)
	}
}
