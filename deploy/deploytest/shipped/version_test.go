package shipped

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVersioned writes another version into files as they are in the repository.
func TestVersioned(t *testing.T) {
	root := t.TempDir()
	for path, content := range map[string]string{
		"VERSION": "1.2.3-rc.1\n",
		"CHANGELOG.md": "## main / unreleased\n\n* [CHANGE] Chart: not yet.\n\n## 1.2.3-rc.1 / 2026-11-30\n\n" +
			"* [FEATURE] Chart: a `value`: new.\n* [BUGFIX] Of the exporter.\n* [BUGFIX] Chart: mended.\n",
		chartFile: "apiVersion: v2\nversion: 0.1.0\nappVersion: 0.1.0\nkubeVersion: \">=1.25.0-0\"\nannotations:\n" +
			"  artifacthub.io/prerelease: \"false\"\n  artifacthub.io/changes: |\n    - kind: added\n      description: old\n",
		"deploy/compose/compose.yaml": "image: ghcr.io/o/empirical_exporter:0.1.0\n    VERSION: 0.1.0\nimage: prom/prometheus:v3.1.0\n",
		"deploy/README.md":            "oci://example.org/charts/empirical-exporter --version 0.1.0 \\\n--tag x/empirical_exporter:0.1.0.\n",
	} {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Versioned(root)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for path, content := range files {
		got[path] = string(content)
	}
	want := map[string]string{
		chartFile: "apiVersion: v2\nversion: 1.2.3-rc.1\nappVersion: 1.2.3-rc.1\nkubeVersion: \">=1.25.0-0\"\nannotations:\n" +
			`  artifacthub.io/prerelease: "true"
  artifacthub.io/changes: |
    - description: The exporter is version 1.2.3-rc.1
      kind: changed
      links:
      - name: What it changes
        url: https://github.com/empirical-exporter/empirical_exporter/blob/main/CHANGELOG.md
    - description: 'A ` + "`value`" + `: new.'
      kind: added
    - description: Mended.
      kind: fixed
`,
		"deploy/compose/compose.yaml": "image: ghcr.io/o/empirical_exporter:1.2.3-rc.1\n    VERSION: 1.2.3-rc.1\nimage: prom/prometheus:v3.1.0\n",
		"deploy/README.md":            "oci://example.org/charts/empirical-exporter --version 1.2.3-rc.1 \\\n--tag x/empirical_exporter:1.2.3-rc.1.\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
