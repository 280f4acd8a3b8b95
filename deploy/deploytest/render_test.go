package deploytest

import (
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// inRepository is a path given from the top of the repository.
func inRepository(path ...string) string {
	return filepath.Join(append([]string{tools.Root()}, path...)...)
}

func chart() string { return inRepository("deploy", "helm", "empirical-exporter") }

func chartValues(name string) string { return filepath.Join(chart(), "ci", name+"-values.yaml") }

// built is a tool of the repository; a missing one fails the test.
func built(t *testing.T, name string) string {
	t.Helper()
	path, err := tools.Built(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// installed is a program of the system; a missing one fails the test.
func installed(t *testing.T, name, debianPackage string) string {
	t.Helper()
	path, err := tools.Installed(name, debianPackage)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// render is what the chart makes of a values file, decoded.
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
