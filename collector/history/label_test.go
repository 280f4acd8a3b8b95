package history

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLabelValue(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"feat/login":                   "feat/login",
		"straße":                       "straße",
		"stra\xdfe":                    "stra?e",
		"\xff\xfe":                     "??",
		"a\ufffdb":                     "a?b",
		strings.Repeat("a", 255):       strings.Repeat("a", 255),
		strings.Repeat("a", 256):       strings.Repeat("a", 240) + "~",
		strings.Repeat("é", 128):       strings.Repeat("é", 120) + "~",
		"x" + strings.Repeat("é", 128): "x" + strings.Repeat("é", 119) + "~",
	} {
		got := LabelValue(text)
		if strings.HasSuffix(want, "~") {
			if len(got) != len(want)+8 {
				t.Errorf("%.20q…: %q has %d bytes, want %d", text, got, len(got), len(want)+8)
				continue
			}
			got = got[:len(want)]
		}
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%.20q…: %q, want %q", text, got, want)
		}
	}
	long := strings.Repeat("a", 300)
	for _, other := range []string{long + "b", long + "\xff", long + "\xfe"} {
		if LabelValue(other) == LabelValue(long) {
			t.Errorf("two long texts become one: %q", LabelValue(other))
		}
	}
	if LabelValue(long+"\xff") == LabelValue(long+"\xfe") {
		t.Error("two long texts that differ in an invalid byte become one")
	}
}
