package synth_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

func TestBulk(t *testing.T) {
	const n, groups = 3000, 203
	from := noon.AddDate(0, 0, -8)
	runs := synth.Bulk(4, n, groups, from, noon)
	if !cmp.Equal(runs, synth.Bulk(4, n, groups, from, noon)) || cmp.Equal(runs, synth.Bulk(5, n, groups, from, noon)) {
		t.Error("the runs do not depend on the seed alone")
	}
	seen := map[string]int{}
	var active []string
	for i, run := range runs {
		seen[*run.Branch+" "+*run.EnvironmentSlug]++
		if run.CreatedAt.Before(from) || run.CreatedAt.After(noon) || (i > 0 && run.CreatedAt.Before(runs[i-1].CreatedAt)) {
			t.Errorf("run %d was created at %s", i, run.CreatedAt)
		}
		checkBelievable(t, run)
		if !slices.Contains([]string{"ended", "error", "cancelled"}, run.State) {
			active = append(active, run.State)
		}
	}
	if len(runs) != n || len(seen) != groups {
		t.Errorf("%d runs in %d groups, want %d in %d", len(runs), len(seen), n, groups)
	}
	if want := []string{"started", "cancelling", "started", "queued", "pending"}; !slices.Equal(active, want) {
		t.Errorf("active runs %v, want %v", active, want)
	}
	if counts := outcomes(runs); math.Abs(float64(counts["error"])/n-0.04) > 0.02 || counts["failed"] == 0 {
		t.Errorf("outcomes %v", counts)
	}
}

func TestBulk_FillsEachGroup(t *testing.T) {
	const groups = 203
	seen := map[string]bool{}
	for _, run := range synth.Bulk(4, groups, groups, noon.AddDate(0, 0, -8), noon) {
		seen[*run.Branch+" "+*run.EnvironmentSlug] = true
	}
	if len(seen) != groups {
		t.Errorf("as many runs as groups are in %d groups, want %d", len(seen), groups)
	}
}
