package changelog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse(`## main / unreleased

* [BUGFIX] One.

## 1.2.3-rc.0 / 2026-11-30

* [CHANGE] Two.
* [FEATURE] Three.
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Section{
		{Unreleased, "unreleased", []Entry{{"BUGFIX", "One."}}},
		{"1.2.3-rc.0", "2026-11-30", []Entry{{"CHANGE", "Two."}, {"FEATURE", "Three."}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if section, found := Of(got, "1.2.3-rc.0"); !found || section.Entries[1].String() != "* [FEATURE] Three." {
		t.Errorf("found %t: %v", found, section)
	}
	if section, found := Of(got, "1.2.3"); found {
		t.Errorf("found a section that is not there: %v", section)
	}
}

func TestParse_Refuses(t *testing.T) {
	for text, message := range map[string]string{
		"* [CHANGE] One.\n":                                        `line 1: "* [CHANGE] One." comes before the first heading`,
		"## 1.2.3 / soon\n":                                        `line 1: "## 1.2.3 / soon" comes before the first heading`,
		"## main / unreleased\n* One.\n":                           `line 2: "* One." is no heading and no entry`,
		"## main / unreleased\n* [NEW] One.\n":                     `line 2: "* [NEW] One." is no heading and no entry`,
		"## main / unreleased\n* [BUGFIX] One.\n* [CHANGE] Two.\n": `line 3: CHANGE stands behind BUGFIX`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%q: got error %v, want one with %q", text, err, message)
		}
	}
}

// TestChangelog checks the form of CHANGELOG.md, and that its newest release is the
// version in VERSION.
func TestChangelog(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections, err := Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	version, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	released := slices.DeleteFunc(slices.Clone(sections), func(s Section) bool { return s.Version == Unreleased })
	if len(released) > 0 && released[0].Version != strings.TrimSpace(string(version)) {
		t.Errorf("VERSION has %q, and the newest release is %s", version, released[0].Version)
	}
	seen := map[string]bool{}
	for i, section := range sections {
		if seen[section.Version] || section.Version == Unreleased && i > 0 {
			t.Errorf("the section of %s is there twice, or not the first", section.Version)
		}
		seen[section.Version] = true
		for _, entry := range section.Entries {
			if !strings.HasSuffix(entry.Text, ".") {
				t.Errorf("%s: no full stop at the end of %q", section.Version, entry)
			}
		}
	}
}
