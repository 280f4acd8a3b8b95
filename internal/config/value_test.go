package config

import (
	"testing"
	"time"
)

func TestAnchoredRegexp(t *testing.T) {
	for _, test := range []struct {
		expression, branch string
		want               bool
	}{
		{".*", "", true},
		{".*", "line\nbreak", true},
		{"main", "main", true},
		{"main", "maintenance", false},
		{"main", "not-main", false},
		{"main|release/.*", "release/1", true},
		{"main|release/.*", "old-release/1", false},
		{"main|release/.*", "main-2", false},
		{"(?i)main", "MAIN", true},
	} {
		expression, err := anchoredRegexp(test.expression)
		if err != nil {
			t.Errorf("%q: %v", test.expression, err)
			continue
		}
		if got := expression.MatchString(test.branch); got != test.want {
			t.Errorf("%q on %q: %v, want %v", test.expression, test.branch, got, test.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour,
	} {
		if got, err := duration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7", "-1s", "1.5h", "7 d", "300y300y"} {
		if got, err := duration(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestUnanchored(t *testing.T) {
	for _, text := range []string{".*", "main|release/.*"} {
		expression, err := anchoredRegexp(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := unanchored(expression); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
}

func TestPathExcept(t *testing.T) {
	parse := pathExcept([]string{"/", "/taken"})
	for _, text := range []string{"/metrics", "/taken/metrics"} {
		if path, err := parse(text); err != nil || path != text {
			t.Errorf("%q: %q, %v", text, path, err)
		}
	}
	for _, text := range []string{"", "/", "/taken", "metrics", "/metrics/", "/a//b", "/{a}", "/a b", "/a?b", "/a%20b"} {
		if path, err := parse(text); err == nil {
			t.Errorf("%q is taken for %q", text, path)
		}
	}
}
