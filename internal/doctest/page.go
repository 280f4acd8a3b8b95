// Package doctest reads the Markdown pages of the repository, so that tests can
// check what they say.
package doctest

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Page is a Markdown file.
type Page struct {
	Path string // from the top of the repository, with slashes
	Text string
}

// Pages reads all pages below root. It skips the directories of git, of built
// tools and of releases.
func Pages(root string) ([]Page, error) {
	var pages []Page
	files := os.DirFS(root)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == ".bin" || name == "dist"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(files, name)
		pages = append(pages, Page{name, string(text)})
		return err
	})
	return pages, err
}

var (
	fence   = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	code    = regexp.MustCompile("`[^`\n]+`")
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

// Blocks returns the fenced blocks of code in a language.
func (p Page) Blocks(language string) []string {
	var blocks []string
	for _, found := range fence.FindAllStringSubmatch(p.Text, -1) {
		if found[1] == language {
			blocks = append(blocks, found[2])
		}
	}
	return blocks
}

// Code returns what stands between backquotes outside of blocks.
func (p Page) Code() []string {
	var spans []string
	for _, found := range code.FindAllString(fence.ReplaceAllString(p.Text, ""), -1) {
		spans = append(spans, strings.Trim(found, "`"))
	}
	return spans
}

// Prose returns the text without any code.
func (p Page) Prose() string {
	return code.ReplaceAllString(fence.ReplaceAllString(p.Text, ""), "")
}

// Anchors returns the anchors that GitHub gives to the headings.
func (p Page) Anchors() map[string]bool {
	anchors := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(p.Text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, found[1])
		unique := anchor
		for n := 1; anchors[unique]; n++ {
			unique = anchor + "-" + strconv.Itoa(n)
		}
		anchors[unique] = true
	}
	return anchors
}
