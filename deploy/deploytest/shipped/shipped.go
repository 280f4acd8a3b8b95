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

// copies is where the chart keeps what it ships, and where that comes from.
var copies = []struct{ from, to, pattern string }{
	{"deploy/prometheus/rules", chart + "/files/rules", "*.yml"},
	{"grafana/dashboards", chart + "/files/dashboards", "*.json"},
}

// Files are all made files by their path in the repository. The helm program is
// given by its path.
func Files(root, helm string) (map[string][]byte, error) {
	files, err := Copies(root)
	if err != nil {
		return nil, err
	}
	rendered, err := Manifests(root, helm)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, rendered)
	return files, nil
}

// Copies are the chart's copies of the rules and dashboards. No source at all is
// an error: an empty copy would ship nothing in silence.
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

// Present are the paths of all files that stand where made files belong, and so
// either are such files or are left over.
func Present(root string) ([]string, error) {
	var paths []string
	for _, folder := range []string{copies[0].to, copies[1].to, manifests} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || written(entry.Name()) {
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

// written tells the files among them that people write.
func written(name string) bool {
	return name == "kustomization.yaml" || name == "values.yaml" || strings.HasSuffix(name, ".md")
}
