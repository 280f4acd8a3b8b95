package check

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 seconds", time.Second: "1 second", 119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes",
		119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

func TestTally(t *testing.T) {
	counts := map[string]int{"b": 2, "a": 2, "rare": 1, "often": 3000}
	if got, want := tally(counts, 3), "3,000 often, 2 a, 2 b and 1 more"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"Shop – 1": "Shop – 1", "a\x1b[31m\nb\xff": "a?[31m?b?", strings.Repeat("é", 12): strings.Repeat("é", 10) + "…",
	} {
		if got := printable(text, 10); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	text := "one two  three " + strings.Repeat("x", 40) + " four"
	if diff := cmp.Diff([]string{"one two three", strings.Repeat("x", 40), "four"}, wrap(text, 30)); diff != "" {
		t.Error(diff)
	}
	for _, width := range []int{0, 5, -3} {
		if diff := cmp.Diff([]string{text}, wrap(text, width)); diff != "" {
			t.Errorf("width %d: %s", width, diff)
		}
	}
}
