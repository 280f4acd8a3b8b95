package deploytest

import (
	"testing"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// TestGeneratedFiles checks that the generated files are up to date, and that none
// is left over.
func TestGeneratedFiles(t *testing.T) {
	files, err := shipped.Files(tools.Root(), built(t, "helm"))
	if err != nil {
		t.Fatal(err)
	}
	present, err := shipped.Present(tools.Root())
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, path := range present {
		exists[path] = true
		if _, generated := files[path]; !generated {
			t.Errorf("%s is not generated any more: run `make manifests`", path)
		}
	}
	for path, content := range files {
		if !exists[path] {
			t.Errorf("%s is missing: run `make manifests`", path)
		} else if read(t, inRepository(path)) != string(content) {
			t.Errorf("%s is out of date: run `make manifests`", path)
		}
	}
}
