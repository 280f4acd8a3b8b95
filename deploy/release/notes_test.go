package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// announces returns the top of a repository with these two files.
func announces(t *testing.T, version, changes string) string {
	t.Helper()
	source := t.TempDir()
	for name, content := range map[string]string{"VERSION": version, "CHANGELOG.md": changes} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return source
}

const changes = `## main / unreleased

* [CHANGE] Of the next one.

## 1.2.3 / 2026-11-30

* [FEATURE] New.
* [BUGFIX] Mended.

## 1.2.2 / 2026-10-30

* [BUGFIX] Of the last one.
`

func TestNotes(t *testing.T) {
	var out bytes.Buffer
	if err := writeNotes(&out, announces(t, "1.2.3\n", changes)); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "* [FEATURE] New.\n* [BUGFIX] Mended.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRelease_Announced(t *testing.T) {
	for name, test := range map[string]struct{ version, file, changes, message string }{
		"announced":          {"1.2.3", "1.2.3\n", changes, ""},
		"another in VERSION": {"1.2.4", "1.2.3\n", changes, `-version "1.2.4": VERSION has 1.2.3`},
		"not in the changes": {"1.2.4", "1.2.4\n", changes, "no entries under a heading such as `## 1.2.4 / 2026-11-30`"},
		"no entries":         {"1.2.3", "1.2.3\n", "## 1.2.3 / 2026-11-30\n", "no entries under a heading"},
		"unreleased":         {"main", "main\n", "## 1.2.3 / 2026-11-30\n", "no entries under a heading"},
		"no form":            {"1.2.3", "1.2.3\n", "# Changes\n", `CHANGELOG.md: line 1: "# Changes"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := release{version: test.version, source: announces(t, test.file, test.changes)}
			err := r.announced()
			if test.message == "" && err != nil || test.message != "" && (err == nil || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("got error %v, want one with %q", err, test.message)
			}
		})
	}
}
