package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/empirical-exporter/empirical_exporter/deploy/release/changelog"
)

// announced returns an error where the version is not that of the file VERSION, or
// CHANGELOG.md does not say what it has.
func (r *release) announced() error {
	section, err := newest(r.source)
	if err == nil && section.Version != r.version {
		return fmt.Errorf("-version %q: VERSION has %s: write the version there, as CONTRIBUTING.md says, then tag", r.version, section.Version)
	}
	return err
}

// newest returns the section of CHANGELOG.md for the version in the file VERSION.
func newest(source string) (changelog.Section, error) {
	version, err := os.ReadFile(filepath.Join(source, "VERSION"))
	if err != nil {
		return changelog.Section{}, err
	}
	text, err := os.ReadFile(filepath.Join(source, "CHANGELOG.md"))
	if err != nil {
		return changelog.Section{}, err
	}
	sections, err := changelog.Parse(string(text))
	if err != nil {
		return changelog.Section{}, fmt.Errorf("CHANGELOG.md: %w", err)
	}
	named := strings.TrimSuffix(string(version), "\n")
	section, found := changelog.Of(sections, named)
	if !found || len(section.Entries) == 0 {
		return section, fmt.Errorf("CHANGELOG.md has no entries under a heading such as `## %s / 2026-11-30`, which VERSION asks for", named)
	}
	return section, nil
}

// writeNotes writes the notes of the release: what CHANGELOG.md says of it.
func writeNotes(out io.Writer, source string) error {
	section, err := newest(source)
	if err != nil {
		return err
	}
	for _, entry := range section.Entries {
		if _, err := fmt.Fprintln(out, entry); err != nil {
			return err
		}
	}
	return nil
}
