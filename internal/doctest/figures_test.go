package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// TestREADME_Size keeps the README a page that people read.
func TestREADME_Size(t *testing.T) {
	if size := len(pages(t)["README.md"].Text); size > 15*1024 {
		t.Errorf("README.md has %d bytes, more than 15 KiB: move details to a page of their own", size)
	}
}

// TestFigures compares each number in a page with what it counts.
func TestFigures(t *testing.T) {
	alertingRules, alerts := 0, map[string]bool{}
	for _, r := range rules(t, "rules") {
		if r.Alert != "" {
			alertingRules++
			alerts[r.Alert] = true
		}
	}
	counts := []struct{ page, pattern, want string }{
		{"README.md", `has (\d+) alerts`, strconv.Itoa(len(alerts))},
		{"README.md", `(\w+) for Grafana`, inWords(dashboards(t))},
		{"deploy/prometheus/README.md", `(\d+) alerts in \d+ rules`, strconv.Itoa(len(alerts))},
		{"deploy/prometheus/README.md", `\d+ alerts in (\d+) rules`, strconv.Itoa(alertingRules)},
	}
	all := pages(t)
	for _, c := range counts {
		found := regexp.MustCompile(c.pattern).FindStringSubmatch(all[c.page].Text)
		if found == nil {
			t.Errorf("%s does not say %q", c.page, c.pattern)
		} else if !strings.EqualFold(found[1], c.want) {
			t.Errorf("%s: %q, but there are %s", c.page, found[0], c.want)
		}
	}
}

// rule is a recording or an alerting rule.
type rule struct{ Record, Alert string }

// rules returns all rules in a directory of deploy/prometheus.
func rules(t *testing.T, dir string) []rule {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "deploy/prometheus", dir, "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Groups []struct{ Rules []rule }
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Groups {
			all = append(all, group.Rules...)
		}
	}
	return all
}

func dashboards(t *testing.T) int {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "grafana/dashboards/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(paths)
}

func inWords(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}

// TestMetricsExist checks that each metric that a page names is one of the
// exporter's, or recorded by a rule.
func TestMetricsExist(t *testing.T) {
	known := map[string]bool{}
	for _, metric := range collector.Metrics() {
		known[metric.Name] = true
	}
	for _, r := range slices.Concat(rules(t, "rules"), rules(t, "examples")) {
		known[r.Record] = true
	}
	// The first is a metric of client_golang, the second is the exporter itself.
	for _, name := range []string{"empirical_exporter_build_info", "empirical_exporter"} {
		known[name] = true
	}
	name := regexp.MustCompile(`\b(?:[a-z]+:)?empirical(?:_[a-z0-9]+|:[a-z][a-z0-9]*)+`)
	for _, page := range pages(t) {
		for _, named := range name.FindAllString(page.Text, -1) {
			if !known[strings.TrimSuffix(named, "_bucket")] {
				t.Errorf("%s names %s, which is no metric of the exporter", page.Path, named)
			}
		}
	}
}

var flagRow = regexp.MustCompile("(?m)^\\| `--([a-z.-]+)` \\| `?([^`|]*)`? ?\\|")

// TestFlags checks that each flag that a page names is in the table of the
// README, and that a default in brackets after it is that of the table.
func TestFlags(t *testing.T) {
	all := pages(t)
	defaults := map[string]string{}
	for _, row := range flagRow.FindAllStringSubmatch(all["README.md"].Text, -1) {
		defaults[row[1]] = row[2]
	}
	named := regexp.MustCompile("--((?:api|runs|scrape|log)\\.[a-z-]+)(?:` \\((\\d+))?")
	for _, page := range all {
		for _, found := range named.FindAllStringSubmatch(page.Text, -1) {
			value, is := defaults[found[1]]
			if !is {
				t.Errorf("%s names the flag --%s, which the exporter does not have", page.Path, found[1])
			} else if found[2] != "" && found[2] != strings.TrimRight(value, "smhd") {
				t.Errorf("%s: %s, but the default is %s", page.Path, found[0], value)
			}
		}
	}
}

// TestMakeTargets checks that each `make` command in a page is a target.
func TestMakeTargets(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	all := pages(t)
	for _, target := range []string{"demo", "test"} {
		if !strings.Contains(all["README.md"].Text, "make "+target) {
			t.Errorf("README.md does not name make %s", target)
		}
	}
	command := regexp.MustCompile(`(?m)(?:^|&& )make ([a-z-]+)`)
	for _, page := range all {
		for _, text := range append(page.Blocks("sh"), page.Code()...) {
			for _, found := range command.FindAllStringSubmatch(text, -1) {
				if !regexp.MustCompile(`(?m)^` + found[1] + `:`).Match(makefile) {
					t.Errorf("%s: there is no make %s", page.Path, found[1])
				}
			}
		}
	}
}

// TestTestsExist checks that each test that a page names is there.
func TestTestsExist(t *testing.T) {
	known := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
			known[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)[A-Z]\w*$`)
	for _, page := range pages(t) {
		for _, name := range page.Code() {
			if named.MatchString(name) && !known[name] {
				t.Errorf("%s names %s, which is no test", page.Path, name)
			}
		}
	}
}
