package apitest_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// everyPage reads a list page by page.
func everyPage(t *testing.T, server *apitest.Server, filter string, perPage int) []int64 {
	t.Helper()
	ids := []int64{}
	for number := 1; ; number++ {
		p := mustFetch(t, server, fmt.Sprintf("%s&per_page=%d&page=%d", filter, perPage, number))
		ids = append(ids, p.ids()...)
		if number >= p.Pagination.TotalPages {
			if p.Pagination.Total != len(ids) {
				t.Errorf("%s: total is %d, the pages have %d", filter, p.Pagination.Total, len(ids))
			}
			return ids
		}
	}
}

// The project changes at random. After each change, every list must equal a plain
// slice of runs that is filtered and sorted.
func TestProject_Lists(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, 0))
	server, project := newServer(t)
	runs := map[int64]apitest.Run{}
	states := []string{"pending", "queued", "started", "ended", "error", "cancelled", "odd"}
	randomize := func(run *apitest.Run) {
		run.State = states[random.IntN(len(states))]
		run.FailedCount = new(random.Int64N(2))
		run.Branch = new([]string{"main", "fix/a"}[random.IntN(2)])
		if run.CreatedAt.IsZero() || random.IntN(2) == 0 {
			run.CreatedAt = noon.Add(-time.Duration(random.IntN(200)) * time.Hour)
		}
	}
	for range 30 {
		for range 20 {
			changeAtRandom(random, project, runs, randomize)
		}
		perPage := 1 + random.IntN(100)
		for filter, keep := range map[string]func(apitest.Run) bool{
			"":                   func(apitest.Run) bool { return true },
			"state=ended":        func(r apitest.Run) bool { return r.State == "ended" },
			"state=odd":          func(r apitest.Run) bool { return r.State == "odd" },
			"result=failed":      func(r apitest.Run) bool { return r.State == "ended" && *r.FailedCount > 0 },
			"result=passed":      func(r apitest.Run) bool { return r.State == "ended" && *r.FailedCount == 0 },
			"branch=main":        func(r apitest.Run) bool { return *r.Branch == "main" },
			"interval_in_days=5": func(r apitest.Run) bool { return noon.Sub(r.CreatedAt) < 120*time.Hour },
		} {
			want := newestFirst(runs, keep)
			if got := everyPage(t, server, filter, perPage); !slices.Equal(got, want) {
				t.Fatalf("seed %d: ?%s by %d: %v, want %v", seed, filter, perPage, got, want)
			}
		}
	}
	checkRuns(t, project, runs)
}

func changeAtRandom(random *rand.Rand, project *apitest.Project, runs map[int64]apitest.Run, randomize func(*apitest.Run)) {
	id := 1 + random.Int64N(200)
	_, there := runs[id]
	switch {
	case !there:
		run := apitest.Run{ID: id}
		randomize(&run)
		project.Add(run)
		runs[id] = run
	case random.IntN(4) == 0:
		project.Delete(id)
		delete(runs, id)
	default:
		project.Update(id, func(run *apitest.Run) {
			randomize(run)
			runs[id] = *run
		})
	}
}

func newestFirst(runs map[int64]apitest.Run, keep func(apitest.Run) bool) []int64 {
	var chosen []apitest.Run
	for _, run := range runs {
		if keep(run) {
			chosen = append(chosen, run)
		}
	}
	slices.SortFunc(chosen, func(a, b apitest.Run) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	ids := []int64{}
	for _, run := range chosen {
		ids = append(ids, run.ID)
	}
	return ids
}

func checkRuns(t *testing.T, project *apitest.Project, want map[int64]apitest.Run) {
	t.Helper()
	if project.Len() != len(want) {
		t.Errorf("Len is %d, want %d", project.Len(), len(want))
	}
	var ids []int64
	for _, run := range project.Runs() {
		ids = append(ids, run.ID)
		one, ok := project.Run(run.ID)
		if !ok || !gocmp.Equal(one, run) || !gocmp.Equal(run, want[run.ID]) {
			t.Errorf("run %d is %+v and %+v, want %+v", run.ID, run, one, want[run.ID])
		}
	}
	if order := newestFirst(want, func(apitest.Run) bool { return true }); !slices.Equal(ids, order) {
		t.Errorf("Runs gives %v, want %v", ids, order)
	}
}

func TestProject_AddAssignsIDAndTime(t *testing.T) {
	_, project := newServer(t)
	if first, given, next := project.Add(apitest.Run{}), project.Add(apitest.Run{ID: 9}), project.Add(apitest.Run{}); first != 1 || given != 9 || next != 10 {
		t.Errorf("ids %d, %d, %d, want 1, 9, 10", first, given, next)
	}
	if run, ok := project.Run(1); !ok || !run.CreatedAt.Equal(noon) {
		t.Errorf("run 1 is there: %t, created %s, want %s", ok, run.CreatedAt, noon)
	}
}

func TestProject_AddAllInAnyOrder(t *testing.T) {
	_, project := newServer(t)
	project.AddAll([]apitest.Run{{CreatedAt: noon}, {CreatedAt: noon.Add(-time.Hour)}, {CreatedAt: noon.Add(time.Hour)}})
	var ids []int64
	for _, run := range project.Runs() {
		ids = append(ids, run.ID)
	}
	if want := []int64{3, 1, 2}; !slices.Equal(ids, want) {
		t.Errorf("the runs newest first are %v, want %v", ids, want)
	}
}

func TestProject_MissingRun(t *testing.T) {
	_, project := newServer(t)
	if _, ok := project.Run(5); ok || project.Delete(5) || project.Update(5, func(*apitest.Run) {}) {
		t.Error("a run that is not there was found")
	}
}

func TestProject_MistakesPanic(t *testing.T) {
	server, project := newServer(t)
	project.Add(apitest.Run{ID: 3})
	for name, mistake := range map[string]func(){
		"the key of another project": func() { server.AddProject("search", "key-1") },
		"an id twice":                func() { project.Add(apitest.Run{ID: 3}) },
		"an id twice at once":        func() { project.AddAll([]apitest.Run{{ID: 8}, {ID: 8}}) },
		"another id by an update":    func() { project.Update(3, func(run *apitest.Run) { run.ID = 4 }) },
		"an address that is taken":   func() { apitest.NewServer(apitest.WithAddress(server.URL[len("http://"):])) },
	} {
		if !panics(mistake) {
			t.Errorf("%s: no panic", name)
		}
	}
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

func TestProject_Keys(t *testing.T) {
	server, checkout := newServer(t)
	search := server.AddProject("search", "key-2")
	search.AddKey("key-3")
	checkout.SetKey("key-4")
	checkout.SetSlug("basket")
	for key, want := range map[string]string{"key-1": "", "key-2": "search", "key-3": "search", "key-4": "basket"} {
		got, err := fetchAs(server, "GET", "/api/test-runs", "Bearer "+key)
		if err != nil {
			t.Fatal(err)
		}
		if got.Data.Project.Slug != want || (got.status == 401) != (want == "") {
			t.Errorf("%s: status %d, project %q, want %q", key, got.status, got.Data.Project.Slug, want)
		}
	}
}

func TestProject_RequireID(t *testing.T) {
	server, project := newServer(t)
	id := strconv.FormatInt(project.ID(), 10)
	want := func(status int, header ...string) {
		t.Helper()
		got, err := fetchAs(server, "GET", "/api/test-runs", "Bearer key-1", header...)
		if err != nil || got.status != status {
			t.Errorf("%v: %v, %v, want %d", header, got, err, status)
		}
	}
	want(200)
	project.RequireID()
	want(400)
	want(400, "X-Project-Id", "4711")
	want(200, "X-Project-Id", id)
	var seen []string
	for _, r := range server.Requests() {
		seen = append(seen, r.ProjectID)
	}
	if !slices.Equal(seen, []string{"", "", "4711", id}) {
		t.Errorf("headers %q in the log", seen)
	}
}
