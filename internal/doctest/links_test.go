package doctest

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the top of the repository, from this directory.
const root = "../.."

// pages returns all pages by their path.
func pages(t *testing.T) map[string]Page {
	t.Helper()
	all, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]Page{}
	for _, page := range all {
		byPath[page.Path] = page
	}
	if len(byPath) < 5 {
		t.Fatalf("only %d pages below %s", len(byPath), root)
	}
	return byPath
}

// repository is how a page links to a file of the repository from outside of it.
const repository = "https://github.com/empirical-exporter/empirical_exporter/blob/main/"

var link = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// brokenLinks returns the links of a page, to files and headings of the
// repository, that lead nowhere.
func brokenLinks(page Page, all map[string]Page) []string {
	var broken []string
	for _, found := range link.FindAllStringSubmatch(page.Prose(), -1) {
		target, inside := strings.CutPrefix(found[1], repository)
		if !inside && strings.Contains(target, "://") {
			continue
		}
		file, anchor, _ := strings.Cut(target, "#")
		if !inside && file != "" {
			file = path.Join(path.Dir(page.Path), file)
		} else if file == "" {
			file = page.Path
		}
		if err := checkTarget(file, anchor, all); err != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", found[1], err))
		}
	}
	return broken
}

func checkTarget(file, anchor string, all map[string]Page) error {
	if page, is := all[file]; is {
		if anchor != "" && !page.Anchors()[anchor] {
			return fmt.Errorf("%s has no such heading", file)
		}
		return nil
	}
	if anchor != "" {
		return fmt.Errorf("%s is not a page", file)
	}
	_, err := os.Stat(filepath.Join(root, file))
	return err
}

func TestLinks(t *testing.T) {
	all := pages(t)
	for _, page := range all {
		for _, broken := range brokenLinks(page, all) {
			t.Errorf("%s: %s", page.Path, broken)
		}
	}
}

// TestLinks_Broken checks that TestLinks finds what it looks for.
func TestLinks_Broken(t *testing.T) {
	here := Page{"deploy/here.md", "# Two words, `code`\n\n# Two words, `code`\n\n" +
		"[good](#two-words-code) [good](#two-words-code-1) [good](../README.md#speed) [good](prometheus) [good](https://example.org/nowhere)\n" +
		"[bad](#two-words) [bad](#two-words-code-2) [bad](../README.md#slow) [bad](README.txt) [bad](prometheus#rules) [bad](" + repository + "here.md)\n" +
		"`[code](nowhere.md)`\n```sh\n[code](nowhere.md)\n```\n"}
	all := map[string]Page{here.Path: here, "README.md": {"README.md", "## Speed\n"}}
	var got []string
	for _, broken := range brokenLinks(here, all) {
		target, _, _ := strings.Cut(broken, ": ")
		got = append(got, target)
	}
	want := []string{"#two-words", "#two-words-code-2", "../README.md#slow", "README.txt", "prometheus#rules", repository + "here.md"}
	if !slices.Equal(got, want) {
		t.Errorf("broken: %q\nwant: %q", got, want)
	}
}
