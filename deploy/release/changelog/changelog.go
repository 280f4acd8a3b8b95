// Package changelog reads CHANGELOG.md, which has the form of Prometheus' own.
package changelog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kinds has the kinds of entries, in the order in which they stand.
var kinds = []string{"SECURITY", "CHANGE", "FEATURE", "ENHANCEMENT", "BUGFIX"}

// Unreleased is the version of the section of what no release has yet.
const Unreleased = "main"

// Section is what changed with a version.
type Section struct {
	Version string // such as 1.2.3, or Unreleased
	Date    string // such as 2026-11-30, or "unreleased"
	Entries []Entry
}

// Entry is a line of a section.
type Entry struct{ Kind, Text string }

// String returns the entry as CHANGELOG.md has it.
func (e Entry) String() string { return "* [" + e.Kind + "] " + e.Text }

var (
	heading = regexp.MustCompile(`^## (?:(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?) / (\d{4}-\d{2}-\d{2})|(main) / (unreleased))$`)
	entry   = regexp.MustCompile(`^\* \[([A-Z]+)\] (\S.*)$`)
)

// Parse returns the sections in their order. A line that is no heading, no entry of a
// known kind and not empty is an error with its number, and so are entries of a
// section that are not in the order of their kinds.
func Parse(text string) ([]Section, error) {
	var sections []Section
	for number, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		if match := heading.FindStringSubmatch(line); match != nil {
			sections = append(sections, Section{Version: match[1] + match[3], Date: match[2] + match[4]})
			continue
		}
		if len(sections) == 0 {
			return nil, fmt.Errorf("line %d: %q comes before the first heading, such as `## 1.2.3 / 2026-11-30`", number+1, line)
		}
		if err := sections[len(sections)-1].add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	return sections, nil
}

func (s *Section) add(line string) error {
	match := entry.FindStringSubmatch(line)
	if match == nil || !slices.Contains(kinds, match[1]) {
		return fmt.Errorf("%q is no heading and no entry of a kind %s", line, strings.Join(kinds, ", "))
	}
	if last := len(s.Entries) - 1; last >= 0 && slices.Index(kinds, s.Entries[last].Kind) > slices.Index(kinds, match[1]) {
		return fmt.Errorf("%s stands behind %s: the order is %s", match[1], s.Entries[last].Kind, strings.Join(kinds, ", "))
	}
	s.Entries = append(s.Entries, Entry{match[1], match[2]})
	return nil
}

// Of returns the section of a version, and whether there is one.
func Of(sections []Section, version string) (Section, bool) {
	at := slices.IndexFunc(sections, func(s Section) bool { return s.Version == version })
	if at < 0 {
		return Section{}, false
	}
	return sections[at], true
}
