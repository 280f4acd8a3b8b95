package synth_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// newProject returns a project of a server that does not listen.
func newProject(t *testing.T) *apitest.Project {
	t.Helper()
	server := apitest.NewUnstartedServer()
	t.Cleanup(server.Close)
	return server.AddProject("checkout", "key-1")
}

// finishedRuns returns the runs of eight days that have ended by noon, newest first.
func finishedRuns(t *testing.T, o synth.Options) []apitest.Run {
	t.Helper()
	project := newProject(t)
	synth.New(project, noon.AddDate(0, 0, -8), o).Advance(noon)
	return slices.DeleteFunc(project.Runs(), func(run apitest.Run) bool {
		return !slices.Contains([]string{"cancelled", "ended", "error"}, run.State)
	})
}

var (
	states = []string{"cancelled", "cancelling", "ended", "error", "pending", "queued", "started"}
	codes  = []string{
		"dispatch_failed", "merge_conflict", "merge_reports_failed",
		"report_not_generated", "run_failed_with_error", "worker_interrupted",
	}
)

// Small steps make the same life as one large step, and another seed another life.
func TestLife_StepsAndSeed(t *testing.T) {
	end := noon.AddDate(0, 0, 4)
	live := func(seed uint64, step func() time.Duration) []apitest.Run {
		project := newProject(t)
		life := synth.New(project, noon, synth.Options{Seed: seed})
		for at := noon; at.Before(end); {
			at = at.Add(step())
			life.Advance(minTime(at, end))
		}
		return project.Runs()
	}
	one := live(5, func() time.Duration { return end.Sub(noon) })
	if len(one) < 400 {
		t.Fatalf("only %d runs in four days", len(one))
	}
	random := rand.New(rand.NewPCG(1, 1))
	steps := live(5, func() time.Duration { return time.Duration(random.Int64N(int64(20 * time.Minute))) })
	if diff := cmp.Diff(one, steps); diff != "" {
		t.Errorf("small steps make another life (-one step +small steps):\n%s", diff)
	}
	if other := live(6, func() time.Duration { return end.Sub(noon) }); cmp.Equal(one, other) {
		t.Error("another seed makes the same life")
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// TestLife_EachEvent looks at the project after each event of two working days.
func TestLife_EachEvent(t *testing.T) {
	const concurrency = 5
	project := newProject(t)
	life := synth.New(project, noon, synth.Options{Seed: 3, Concurrency: concurrency})
	seen := map[string]bool{}
	for life.Next().Before(noon.AddDate(0, 0, 2)) {
		life.Advance(life.Next())
		busy, waiting := 0, map[string]bool{}
		for _, run := range project.Runs() {
			seen[run.State] = true
			checkBelievable(t, run)
			switch run.State {
			case "queued", "started", "cancelling":
				busy++
			case "pending":
				group := *run.Branch + " " + *run.EnvironmentSlug
				if waiting[group] {
					t.Errorf("two runs of %s are pending", group)
				}
				waiting[group] = true
			}
		}
		if busy > concurrency || (len(waiting) > 0 && busy < concurrency) {
			t.Fatalf("%d runs are busy and %d pending", busy, len(waiting))
		}
		if t.Failed() {
			return
		}
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, states) {
		t.Errorf("states %v, want %v", got, states)
	}
}

func checkBelievable(t *testing.T, run apitest.Run) {
	t.Helper()
	switch run.State {
	case "ended":
		if *run.SuccessCount+*run.FailedCount != *run.TotalCount {
			t.Errorf("run %d: counts do not add up", run.ID)
		}
		if *run.FlakyCount > *run.SuccessCount || *run.FailedCountAfterSnoozing > *run.FailedCount {
			t.Errorf("run %d: a part is larger than its total", run.ID)
		}
		if length := time.Duration(*run.Duration) * time.Second; length < 5*time.Minute || length > 200*time.Minute {
			t.Errorf("run %d took %s", run.ID, length)
		}
	case "pending", "queued":
		if run.TotalCount != nil || run.Duration != nil {
			t.Errorf("run %d has results before it started", run.ID)
		}
	case "started", "cancelling":
		if run.Duration != nil || run.FailedCount != nil {
			t.Errorf("run %d has final results before it ended", run.ID)
		}
	}
	if (run.ErrorCode != nil) && run.State != "error" {
		t.Errorf("run %d is %s and has error code %s", run.ID, run.State, *run.ErrorCode)
	}
}

// outcomes counts runs by outcome.
func outcomes(runs []apitest.Run) map[string]int {
	counts := map[string]int{}
	for _, run := range runs {
		outcome := run.State
		switch {
		case run.Failed():
			outcome = "failed"
		case run.State == "ended":
			outcome = "passed"
		}
		counts[outcome]++
	}
	return counts
}

func TestLife_Variety(t *testing.T) {
	runs := finishedRuns(t, synth.Options{Seed: 1})
	counts := outcomes(runs)
	if got, want := slices.Sorted(maps.Keys(counts)), []string{"cancelled", "error", "failed", "passed"}; !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", counts, want)
	}
	if counts["passed"] < len(runs)/2 || counts["failed"] < len(runs)/40 || counts["failed"] > len(runs)/3 {
		t.Errorf("the mixture is not believable: %v", counts)
	}
	// 200 a day, and 4 at night, in eight days of which two are a weekend's.
	if len(runs) < 1200 || len(runs) > 2100 {
		t.Errorf("%d runs in eight days at 200 a day", len(runs))
	}
	traits, codesSeen := map[string]bool{}, map[string]bool{}
	for _, run := range runs {
		checkBelievable(t, run)
		if run.CreatedAt.Before(noon.AddDate(0, 0, -8)) || run.CreatedAt.After(noon) {
			t.Errorf("run %d was created at %s", run.ID, run.CreatedAt)
		}
		if run.ErrorCode != nil {
			codesSeen[*run.ErrorCode] = true
		}
		noteTraits(traits, run)
	}
	if got := slices.Sorted(maps.Keys(codesSeen)); !slices.Equal(got, codes) {
		t.Errorf("error codes %v, want %v", got, codes)
	}
	for _, trait := range []string{
		"flaky", "skipped", "snoozed in part", "snoozed altogether", "without a build", "long", "never started",
		"stopped while it ran", "without an error code",
	} {
		if !traits[trait] {
			t.Errorf("no run is %s", trait)
		}
	}
}

func noteTraits(traits map[string]bool, run apitest.Run) {
	note := func(trait string, has bool) { traits[trait] = traits[trait] || has }
	note("without a build", run.BuildURL == nil && run.Commit == nil && run.BuildBranch == nil)
	note("never started", run.State == "cancelled" && run.TotalCount == nil)
	note("stopped while it ran", run.State == "cancelled" && run.SuccessCount != nil)
	note("without an error code", run.State == "error" && run.ErrorCode == nil)
	if run.State != "ended" {
		return
	}
	note("flaky", *run.FlakyCount > 0)
	note("skipped", *run.SkippedCount > 0)
	counting := *run.FailedCountAfterSnoozing
	note("snoozed in part", counting > 0 && counting < *run.FailedCount)
	note("snoozed altogether", counting == 0 && *run.FailedCount > 0)
	note("long", *run.Duration > int64(time.Hour/time.Second))
}

func TestLife_Branches(t *testing.T) {
	first, last := map[string]time.Time{}, map[string]time.Time{}
	perCommit := map[string]int{}
	for _, run := range slices.Backward(finishedRuns(t, synth.Options{Seed: 1})) {
		branch := *run.Branch
		if _, there := first[branch]; !there {
			first[branch] = run.CreatedAt
		}
		last[branch] = run.CreatedAt
		if run.Commit != nil {
			perCommit[*run.Commit]++
		}
	}
	if lived := last["main"].Sub(first["main"]); lived < 7*24*time.Hour {
		t.Errorf("main lived for %s", lived)
	}
	came, gone := 0, 0
	for branch := range first {
		if branch != "main" && !strings.Contains(branch, "/") {
			t.Errorf("branch %q", branch)
		}
		if first[branch].After(noon.AddDate(0, 0, -4)) {
			came++
		}
		if last[branch].Before(noon.AddDate(0, 0, -4)) {
			gone++
		}
	}
	if came < 3 || gone < 3 {
		t.Errorf("%d branches came late and %d went early, of %d", came, gone, len(first))
	}
	if most := slices.Max(slices.Collect(maps.Values(perCommit))); most < 2 {
		t.Error("no commit has several runs")
	}
}

// Production must fail less often than preview and be faster than cross-browser.
func TestLife_Environments(t *testing.T) {
	ended, failed, length := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, run := range finishedRuns(t, synth.Options{Seed: 1, RunsPerDay: 1000}) {
		if run.State != "ended" {
			continue
		}
		slug := *run.EnvironmentSlug
		ended[slug]++
		length[slug] += float64(*run.Duration) / 60
		if run.Failed() {
			failed[slug]++
		}
	}
	if len(ended) != 4 {
		t.Fatalf("environments %v", ended)
	}
	if failed["production"]/ended["production"] > failed["preview"]/ended["preview"]/2 {
		t.Errorf("production fails about as often as preview: %v of %v", failed, ended)
	}
	if fast, slow := length["production"]/ended["production"], length["cross-browser"]/ended["cross-browser"]; fast > 15 || slow < 22 {
		t.Errorf("mean lengths are %.1f and %.1f minutes", fast, slow)
	}
}

// TestLife_DeletedRuns deletes runs that are still active.
func TestLife_DeletedRuns(t *testing.T) {
	project := newProject(t)
	life := synth.New(project, noon, synth.Options{Seed: 3})
	for hour := range 24 {
		life.Advance(noon.Add(time.Duration(hour) * time.Hour))
		for _, run := range project.Runs() {
			project.Delete(run.ID)
		}
	}
	life.Advance(noon.AddDate(0, 0, 2))
	if project.Len() == 0 {
		t.Error("the life ended")
	}
	for _, run := range project.Runs() {
		if run.CreatedAt.Before(noon.Add(23 * time.Hour)) {
			t.Errorf("run %d was deleted and is back", run.ID)
		}
	}
	before := project.Runs()
	life.Advance(noon)
	if !cmp.Equal(before, project.Runs()) {
		t.Error("going back changed something")
	}
}
