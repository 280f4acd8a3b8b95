package prometheus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// run runs a command that must succeed.
func run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", filepath.Base(name), arguments, err, output)
	}
}

func TestRules_Lint(t *testing.T) {
	run(t, testproc.MustTool(t, "promtool"), append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files(t, "rules/*.yml")...)...)
}

func TestExamples_Lint(t *testing.T) {
	run(t, testproc.MustTool(t, "promtool"), "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
	run(t, testproc.MustTool(t, "amtool"), "check-config", "alertmanager.yml")
}

// The golden expositions are what the exporter exposes, to the letter.
func TestMetrics_Promtool(t *testing.T) {
	for _, path := range files(t, "../../collector/testdata/*_text.prom") {
		exposition, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer exposition.Close()
		check := exec.CommandContext(t.Context(), testproc.MustTool(t, "promtool"), "check", "metrics", "--lint=all")
		check.Stdin = exposition
		if output, err := check.CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("%s: %v\n%s", path, err, output)
		}
	}
}

func TestRules(t *testing.T) {
	promtool := testproc.MustTool(t, "promtool")
	for _, path := range files(t, "tests/*.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			run(t, promtool, "test", "rules", path)
		})
	}
}

// TestRuleTests_Order checks that each promtool test lists all groups, first those
// that others use. Without a list promtool's order changes from run to run, and
// with it the minute at which an alert fires.
func TestRuleTests_Order(t *testing.T) {
	var names []string
	for _, g := range groups(t) {
		names = append(names, g.Name)
	}
	slices.Sort(names)
	for _, path := range files(t, "tests/*.yml") {
		var file struct {
			Order []string `yaml:"group_eval_order"`
		}
		parse(t, path, &file)
		if len(file.Order) < 2 || file.Order[0] != "empirical_settings" || file.Order[1] != "empirical_recording" {
			t.Errorf("%s: evaluates %q; settings and recording come first", path, file.Order)
		}
		if slices.Sort(file.Order); !slices.Equal(names, file.Order) {
			t.Errorf("%s: evaluates %q, the groups are %q", path, file.Order, names)
		}
	}
}
