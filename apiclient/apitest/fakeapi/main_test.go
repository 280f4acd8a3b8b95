package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve runs the command on a free port until the test ends. It returns the base
// URL and the output until then.
func serve(t *testing.T, args ...string) (url, printed string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"--listen-address=127.0.0.1:0", "--history=2d"}, args...), writer)
		_ = writer.Close()
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		printed += lines.Text() + "\n"
		if _, after, found := strings.Cut(lines.Text(), "listening on "); found {
			go func() { _, _ = io.Copy(io.Discard, reader) }()
			return after, printed
		}
	}
	t.Fatalf("it ended: %v, having printed %q", <-ended, printed)
	return "", ""
}

// newest returns the newest items of a project.
func newest(t *testing.T, url, key string) (slug string, items []map[string]any, total int) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url+"/api/test-runs?per_page=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var page struct {
		Data struct {
			Project  struct{ Slug string }
			TestRuns struct{ Items []map[string]any } `json:"test_runs"`
		}
		Pagination struct{ Total int }
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, error %v", response.StatusCode, err)
	}
	return page.Data.Project.Slug, page.Data.TestRuns.Items, page.Pagination.Total
}

func TestRun_Projects(t *testing.T) {
	url, printed := serve(t, "--project=checkout", "--project=search", "--key=a", "--key=b")
	for key, want := range map[string]string{"a": "checkout", "b": "search"} {
		slug, items, total := newest(t, url, key)
		if slug != want || len(items) != 100 || total < 500 {
			t.Errorf("key %s: project %s, %d items of %d", key, slug, len(items), total)
		}
		if !strings.Contains(printed, "project "+want+", key "+key) {
			t.Errorf("it does not say that it serves %s:\n%s", want, printed)
		}
	}
}

// Items are as live ones were seen, or as the reference pages show them.
func TestRun_Items(t *testing.T) {
	for name, test := range map[string]struct {
		flags           []string
		state, starts   bool
		shortest        float64 // duration of a run of five minutes
		skippedInTotals bool
	}{
		"live":      {nil, true, true, 300, false},
		"reference": {[]string{"--no-state", "--no-starts", "--duration-unit=milliseconds", "--skipped-in-total"}, false, false, 300_000, true},
	} {
		url, _ := serve(t, test.flags...)
		_, items, _ := newest(t, url, "demo-key")
		var runs, skipped int
		for _, item := range items {
			if _, there := item["state"]; there != test.state {
				t.Fatalf("%s: state is there: %v", name, there)
			}
			duration, known := item["duration"].(float64)
			passed, completed := item["success_count"].(float64)
			failed, ended := item["failed_count"].(float64)
			if !known || !completed || !ended {
				continue
			}
			runs++
			if _, there := item["run_started_at"]; there != test.starts {
				t.Errorf("%s: run_started_at is there: %v", name, there)
			}
			if duration < test.shortest || duration > 100*test.shortest {
				t.Errorf("%s: duration %v, want from %v on", name, duration, test.shortest)
			}
			more, _ := item["skipped_count"].(float64)
			if want := map[bool]float64{true: more}[test.skippedInTotals]; item["total_count"] != passed+failed+want {
				t.Errorf("%s: total_count %v of %v", name, item["total_count"], item)
			}
			skipped += int(more)
		}
		if runs < 20 || skipped == 0 {
			t.Errorf("%s: %d runs ended, %d tests skipped", name, runs, skipped)
		}
	}
}

// The life goes so fast that an hour of it takes a moment. No run may be created in
// the future by the clock.
func TestRun_LifeGoesOn(t *testing.T) {
	url, _ := serve(t, "--speed=100000", "--runs-per-day=200")
	_, items, before := newest(t, url, "demo-key")
	if _, there := items[0]["state"]; !there {
		t.Error("the items carry no state")
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, items, total := newest(t, url, "demo-key")
		created, err := time.Parse(time.RFC3339, items[0]["created_at"].(string))
		if err != nil || created.After(time.Now()) {
			t.Fatalf("a run was created at %v, error %v", items[0]["created_at"], err)
		}
		if total > before+10 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d runs, and %d before", total, before)
		}
	}
}

func TestRun_Bulk(t *testing.T) {
	url, _ := serve(t, "--bulk=3000", "--bulk-groups=7")
	if _, _, total := newest(t, url, "demo-key"); total != 3000 {
		t.Errorf("%d runs, want 3000", total)
	}
}

func TestRun_BadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--project=a --project=b": "give one key for each project",
		"--key=":                  "empty or given twice",
		"--key=a --key=a":         "empty or given twice",
		"--project=a --project=b --key=a --key=b --projects=1": "--projects=1 is fewer",
		"--projects=-1":                 "--projects=-1 is fewer",
		"--config-file=x.yml":           "--config-file needs --key-dir",
		"--project=.. --key-dir=keys":   "can be the names of files",
		"--project=a/b --key-dir=keys":  "can be the names of files",
		"--project= --key-dir=keys":     "can be the names of files",
		"--runs-per-day=0":              "--runs-per-day must be above 0",
		"--runs-per-day=NaN":            "--runs-per-day must be above 0",
		"--speed=-1":                    "--speed must be above 0",
		"--history=0s":                  "--history must be above 0",
		"--history=soon":                "not a valid duration",
		"--latency=-1s":                 "--latency must not be below 0",
		"--bulk=-1":                     "--bulk must not be below 0",
		"--bulk-groups=0":               "--bulk-groups not below 1",
		"--nonsense":                    "--help lists the flags",
		"--listen-address=256.0.0.1:10": "listen on 256.0.0.1:10",
	} {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		err := run(ctx, strings.Fields(args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", args, err, want)
		}
	}
}

func TestPace(t *testing.T) {
	start := time.Date(2026, time.March, 1, 3, 0, 0, 0, time.UTC)
	p := pace{start: start, speed: 60}
	if got := p.life(start.Add(time.Minute)); !got.Equal(wednesday.Add(time.Hour)) {
		t.Errorf("a minute on, the life is at %s", got)
	}
	if got := p.clock(wednesday.Add(time.Hour)); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("an hour on in the life, the clock is at %s", got)
	}
	if got := p.clock(wednesday.Add(-time.Hour)); !got.Equal(start.Add(-time.Hour)) {
		t.Errorf("an hour before the start of the command, the clock is at %s", got)
	}
}

// The newest run is a few minutes old, and the oldest of the newest hundred some hours.
func TestRun_HistoryReachesTheClock(t *testing.T) {
	url, _ := serve(t)
	_, items, _ := newest(t, url, "demo-key")
	for i, latest := range map[int]time.Duration{0: 10 * time.Minute, len(items) - 1: 3 * time.Hour} {
		created, err := time.Parse(time.RFC3339, items[i]["created_at"].(string))
		if err != nil || time.Since(created) > latest || time.Since(created) < 0 {
			t.Errorf("item %d was created at %v, error %v", i, items[i]["created_at"], err)
		}
	}
}

func TestRun_Analytics(t *testing.T) {
	url, _ := serve(t)
	for path, want := range map[string]string{"test-cases?order_by=flaky_rate": `"flaky_count":`, "test-runs": `"flaky_tests":`} {
		request, err := http.NewRequest(http.MethodGet, url+"/api/v2/analytics/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer demo-key")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || strings.Count(string(body), want) < 2 {
			t.Errorf("%s: status %d, %v, %.200s", path, response.StatusCode, err, body)
		}
	}
}
