package deploytest

import (
	"bytes"
	"os"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// TestGeneratedFiles checks that the generated files are up to date, and that none
// is left over.
func TestGeneratedFiles(t *testing.T) {
	files, err := shipped.Files(tools.Root(), shipped.Programs{Helm: built(t, "helm"), HelmDocs: built(t, "helm-docs")})
	if err != nil {
		t.Fatal(err)
	}
	present, err := shipped.Present(tools.Root())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range present {
		if _, generated := files[path]; !generated {
			t.Errorf("%s is not generated any more: run `make manifests`", path)
		}
	}
	for path, content := range files {
		if got, err := os.ReadFile(inRepository(path)); err != nil {
			t.Errorf("%v: run `make manifests`", err)
		} else if !bytes.Equal(got, content) {
			t.Errorf("%s is out of date: run `make manifests`", path)
		}
	}
}
