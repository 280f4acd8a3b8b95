package prometheus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"

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

// TestRules runs promtool's tests on copies of the rules without annotations, which
// budget/texts_test.go tests: here, every expectation would repeat the same long texts.
func TestRules(t *testing.T) {
	promtool, dir := testproc.MustTool(t, "promtool"), bareCopy(t)
	for _, path := range files(t, "tests/*.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			testRules(t, promtool, filepath.Join(dir, path))
		})
	}
}

// testRules runs promtool's tests in a file. Queries make much garbage, and little stays:
// with Go's default, collecting it takes a quarter of the time.
func testRules(t *testing.T, promtool, path string) {
	t.Helper()
	test := exec.CommandContext(t.Context(), promtool, "test", "rules", path)
	test.Env = append(os.Environ(), "GOGC=400")
	if output, err := test.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(path), err, output)
	}
}

// bareCopy copies the rules without their annotations, and what promtool's tests
// name beside them. It returns the directory.
func bareCopy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range slices.Concat(files(t, "rules/*.yml"), files(t, "examples/*.yml"), files(t, "testdata/*.yml"), files(t, "tests/*.yml")) {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		text := read(t, path)
		if strings.HasPrefix(path, "rules/") {
			text = withoutAnnotations(t, text)
		}
		write(t, filepath.Join(dir, path), text)
	}
	return dir
}

// withoutAnnotations returns a rule file without the annotations of its alerts.
func withoutAnnotations(t *testing.T, text string) string {
	t.Helper()
	var file struct {
		Groups []struct {
			Name     string
			Interval string `yaml:",omitempty"`
			Rules    []yaml.MapSlice
		}
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		for i, rule := range group.Rules {
			group.Rules[i] = slices.DeleteFunc(rule, func(item yaml.MapItem) bool { return item.Key == "annotations" })
		}
	}
	bare, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(bare)
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
	first := firstGroups()
	for _, path := range files(t, "tests/*.yml") {
		var file struct {
			Order []string `yaml:"group_eval_order"`
		}
		parse(t, path, &file)
		order := slices.DeleteFunc(file.Order, func(name string) bool { return name == "empirical_overrides" })
		if len(order) < len(first) || !slices.Equal(order[:len(first)], first) {
			t.Errorf("%s: evaluates %q; these come first: %q", path, order, first)
		}
		if slices.Sort(order); !slices.Equal(names, order) {
			t.Errorf("%s: evaluates %q, the groups are %q", path, order, names)
		}
	}
}
