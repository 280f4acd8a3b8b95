package backfill

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

var update = flag.Bool("update", false, "write the golden file anew")

// addRuns adds runs of which not all is known.
func (tb *testbed) addRuns() {
	add := func(r apitest.Run, branch string, ago time.Duration) {
		r.Branch, r.EnvironmentSlug, r.CreatedAt = &branch, new("production"), tb.now.Add(-ago)
		r.TotalCount, r.SuccessCount, r.FlakyCount = new(int64(50)), new(int64(47)), new(int64(1))
		tb.project.Add(r)
	}
	started := func(ago time.Duration) time.Time { return tb.now.Add(-ago) }
	add(apitest.Run{State: "ended", StartedAt: started(100 * time.Minute), Duration: new(int64(600)), Commit: new("5f2c9e1")}, "main", 101*time.Minute)
	// That its failures were snoozed later is not known: they are at once.
	add(apitest.Run{
		State: "ended", StartedAt: started(79*time.Minute + 500*time.Millisecond), Duration: new(int64(1200)), FailedCount: new(int64(3)),
		FailedCountAfterSnoozing: new(int64(0)),
	}, "main", 80*time.Minute)
	// When they finished is not known: they were never active.
	add(apitest.Run{State: "error", StartedAt: started(58 * time.Minute), ErrorCode: new("merge_conflict")}, "main", 65*time.Minute)
	add(apitest.Run{State: "cancelled"}, "main", 64*time.Minute)
	add(apitest.Run{State: "started", StartedAt: started(20 * time.Minute)}, "main", 21*time.Minute)
	add(apitest.Run{State: "paused"}, "feat/\"quoted\"\n\\", 50*time.Minute)
}

// goldenPlan is for addRuns.
func (tb *testbed) goldenPlan() {
	tb.config.Windows = []collector.Window{{Name: "1h", Length: time.Hour}}
	tb.plan.Since, tb.plan.Step = 3*time.Hour, 30*time.Minute
	tb.plan.Labels = []Label{{"job", "empirical_exporter"}, {"instance", `a "quoted" one`}}
	tb.plan.Output = filepath.Join(tb.TempDir(), "past.om")
}

func TestRun_Golden(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.goldenPlan()
	if err := tb.run(); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/past.om"
	got := tb.read(tb.plan.Output)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(tb.read(golden), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("differs from %s; run with -update if that is meant (-want +got):\n%s", golden, diff)
	}
	const report = `key "default": the list of runs ended with one created 2026-06-10 10:19 UTC, though the past needs those from 2026-06-02 09:00 UTC on; ` +
		"if the project has older ones, the API did not give them, and the past lacks them\n" +
		"wrote 152 samples of 6 runs, from 2026-06-10 09:00 to 2026-06-10 12:00 UTC in steps of 30m; the oldest run that was read was created 2026-06-10 10:19 UTC\n"
	if got := tb.report.String(); got != report {
		t.Errorf("%q is reported, want %q", got, report)
	}
}

func (tb *testbed) read(path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
