// Package shipped makes the generated files of deploy/: the version in those that name
// it, the chart's copies of the rules and dashboards, because Helm reads no file outside
// its chart, the chart's README.md, and the plain manifests, which are the output of the
// chart.
package shipped

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

const (
	chart     = "deploy/helm/empirical-exporter"
	manifests = "deploy/kubernetes"
)

// copies has the folders of the chart's copies, and where they are copied from.
var copies = []struct{ from, to, pattern string }{
	{"deploy/prometheus/rules", chart + "/files/rules", "*.yml"},
	{"grafana/dashboards", chart + "/files/dashboards", "*.json"},
}

// Programs has the paths of the programs that make files.
type Programs struct{ Helm, HelmDocs string }

// Files returns all generated files by their path in the repository. Manifests and the
// chart's README.md are those of the chart as it is now.
func Files(root string, programs Programs) (map[string][]byte, error) {
	files, err := Sources(root)
	if err != nil {
		return nil, err
	}
	rendered, err := Manifests(root, programs.Helm)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, rendered)
	files[chart+"/README.md"], err = readme(root, programs.HelmDocs)
	return files, err
}

// Sources returns the generated files that others are made from: those that name the
// version, and the chart's copies.
func Sources(root string) (map[string][]byte, error) {
	files, err := Copies(root)
	if err != nil {
		return nil, err
	}
	named, err := Versioned(root)
	maps.Copy(files, named)
	return files, err
}

// Copies returns the chart's copies of the rules and dashboards. A missing source is
// an error, because the chart would ship nothing.
func Copies(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, c := range copies {
		sources, err := filepath.Glob(filepath.Join(root, c.from, c.pattern))
		if err != nil {
			return nil, err
		}
		if len(sources) == 0 {
			return nil, fmt.Errorf("%s has no %s", c.from, c.pattern)
		}
		for _, source := range sources {
			content, err := os.ReadFile(source)
			if err != nil {
				return nil, err
			}
			files[c.to+"/"+filepath.Base(source)] = content
		}
	}
	return files, nil
}

// Present returns the paths of all files in the folders that have only generated files,
// also of those that are not generated any more.
func Present(root string) ([]string, error) {
	var paths []string
	for _, folder := range []string{copies[0].to, copies[1].to, manifests} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || handWritten(entry.Name()) {
				return err
			}
			relative, err := filepath.Rel(root, path)
			paths = append(paths, filepath.ToSlash(relative))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// handWritten reports whether a file in these folders is not generated.
func handWritten(name string) bool {
	return name == "kustomization.yaml" || name == "values.yaml" || strings.HasSuffix(name, ".md")
}
