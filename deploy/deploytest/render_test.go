package deploytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// inRepository returns the path of a file, given from the top of the repository.
func inRepository(path ...string) string {
	return filepath.Join(append([]string{tools.Root()}, path...)...)
}

func chart() string { return inRepository("deploy", "helm", "empirical-exporter") }

func chartValues(name string) string { return filepath.Join(chart(), "ci", name+"-values.yaml") }

// built returns the path of a tool that the repository builds. A missing one fails the test.
func built(t *testing.T, name string) string {
	t.Helper()
	path, err := tools.Built(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// installed returns the path of a program of the system. A missing one fails the test.
func installed(t *testing.T, name, debianPackage string) string {
	t.Helper()
	path, err := tools.Installed(name, debianPackage)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// render returns what the chart makes from a values file, decoded.
func render(t *testing.T, values string) []runtime.Object {
	t.Helper()
	rendered, err := shipped.Render(built(t, "helm"), chart(), values)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifest.Decode(rendered)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// read returns the content of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// firstComment returns the comment in the first line of a file.
func firstComment(t *testing.T, path string) string {
	t.Helper()
	line, _, _ := strings.Cut(read(t, path), "\n")
	text, isComment := strings.CutPrefix(line, "# ")
	if !isComment || text == "" {
		t.Fatalf("%s: the first line is %q, want a comment with the message to expect", path, line)
	}
	return text
}
