package prometheus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// speedUp is how many times faster than in production the end-to-end test runs:
// each range, each `for` and each interval of Alertmanager is divided by it.
// Thresholds that are compared with times of the API stay, because these times
// are real.
const speedUp = 100

var duration = regexp.MustCompile(`(\[|offset |(?:for|keep_firing_for|group_wait|group_interval|repeat_interval|interval): )([0-9][0-9a-z]*)`)

// shorten divides all durations of a configuration and nothing else.
func shorten(t *testing.T, text string, by time.Duration) string {
	t.Helper()
	return duration.ReplaceAllStringFunc(text, func(found string) string {
		parts := duration.FindStringSubmatch(found)
		long, err := model.ParseDuration(parts[2])
		if err != nil {
			t.Fatalf("%s: %v", found, err)
		}
		return parts[1] + model.Duration(time.Duration(long)/by).String()
	})
}

// shortRules writes shortened copies of the rules and returns their pattern. A project
// is unseen after so many seconds: more than what is recorded needs to be there for
// other rules on a busy machine, and fewer than it takes to forget what was shown last.
func shortRules(t *testing.T, by time.Duration, unseen string) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range files(t, "rules/*.yml") {
		text := shorten(t, read(t, path), by)
		shorter := fmt.Sprintf(" / %d", by)
		switch filepath.Base(path) {
		case "settings.yml":
			// These are measured by the clock of the test.
			text = replace(t, text, "expr: 4 * 60\n", "expr: 4 * 60"+shorter+"\n", "expr: 40 * 60\n", "expr: 40 * 60"+shorter+"\n")
		case "sight.yml":
			text = replace(t, text, "180", unseen, "24 * 60 * 60", "24 * 60 * 60"+shorter)
		case "states.yml":
			text = replace(t, text, "unseen:seconds > 30 * 60", "unseen:seconds > 30 * 60"+shorter,
				"> 240\n", "> 240"+shorter+"\n", "< 10 * 60", "< 10 * 60"+shorter)
		case "conditions_projects.yml":
			text = replace(t, text, "time() - 180", "time() - 5")
		}
		write(t, filepath.Join(dir, filepath.Base(path)), text)
	}
	return filepath.Join(dir, "*.yml")
}

// replace replaces parts of a text, given in pairs of old and new. A missing part fails the test.
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
