package deploytest

import (
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// firstComment is the text of the comment in the first line of a file.
func firstComment(t *testing.T, path string) string {
	t.Helper()
	line, _, _ := strings.Cut(read(t, path), "\n")
	text, isComment := strings.CutPrefix(line, "# ")
	if !isComment || text == "" {
		t.Fatalf("%s: the first line is %q, want a comment with the message to expect", path, line)
	}
	return text
}
