package prometheus_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// haste is how many times faster than configured the rules of the end-to-end
// test wait: each range, each `for`, each interval of Alertmanager is shortened
// by it. What is compared with the API's times stays as it is: those are real.
const haste = 100

var duration = regexp.MustCompile(`(\[|(?:for|keep_firing_for|group_wait|group_interval|repeat_interval): )([0-9][0-9a-z]*)`)

// shorten shortens all durations of a configuration and nothing else.
func shorten(t *testing.T, text string) string {
	t.Helper()
	return duration.ReplaceAllStringFunc(text, func(found string) string {
		parts := duration.FindStringSubmatch(found)
		long, err := model.ParseDuration(parts[2])
		if err != nil {
			t.Fatalf("%s: %v", found, err)
		}
		return parts[1] + model.Duration(time.Duration(long)/haste).String()
	})
}

// shortRules writes shortened copies of the rules and returns their pattern.
func shortRules(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range files(t, "rules/*.yml") {
		text := shorten(t, read(t, path))
		if filepath.Base(path) == "settings.yml" {
			// A snapshot gets old in the test's own time.
			text = replace(t, text, "expr: 4 * 60\n", "expr: 4 * 60 / 100\n")
		}
		write(t, filepath.Join(dir, filepath.Base(path)), text)
	}
	return filepath.Join(dir, "*.yml")
}

// replace replaces parts of a text, in pairs of old and new, all of which must be there.
func replace(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q to replace", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
