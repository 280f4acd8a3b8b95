package deploytest

import (
	"testing"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// TestMadeFiles sees that the files that follow from others are what they would
// be if they were made now, and that none is left over.
func TestMadeFiles(t *testing.T) {
	files, err := shipped.Files(tools.Root(), built(t, "helm"))
	if err != nil {
		t.Fatal(err)
	}
	present, err := shipped.Present(tools.Root())
	if err != nil {
		t.Fatal(err)
	}
	stands := map[string]bool{}
	for _, path := range present {
		stands[path] = true
		if _, follows := files[path]; !follows {
			t.Errorf("%s follows from nothing: run `make manifests`", path)
		}
	}
	for path, content := range files {
		if !stands[path] {
			t.Errorf("%s is missing: run `make manifests`", path)
		} else if read(t, inRepository(path)) != string(content) {
			t.Errorf("%s is out of date: run `make manifests`", path)
		}
	}
}
