package shipped

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// versioned has the files, written by hand, that name the exporter's version.
var versioned = []string{
	chartFile,
	"deploy/compose/compose.yaml",
	"deploy/README.md",
}

const semantic = `(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?`

var (
	version = regexp.MustCompile(`^` + semantic + `$`)
	// own matches the exporter's own version: of an image, of the chart in Chart.yaml
	// and in a registry, and as a build argument.
	own = regexp.MustCompile(`(?m)(empirical_exporter(?:-fakeapi)?:|^(?:version|appVersion): |VERSION: |charts/empirical-exporter --version )(` + semantic + `)`)
)

// Version returns the version that the file VERSION names, without a v.
func Version(root string) (string, error) {
	content, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return "", err
	}
	named := strings.TrimSuffix(string(content), "\n")
	if !version.MatchString(named) {
		return "", fmt.Errorf("VERSION has %q, which is not like 1.2.3", named)
	}
	return named, nil
}

// Versions returns the versions of the exporter that a text names.
func Versions(text []byte) (versions []string) {
	for _, match := range own.FindAllSubmatch(text, -1) {
		versions = append(versions, string(match[2]))
	}
	return versions
}

// Versioned returns the files that name the exporter's version, with that of VERSION.
func Versioned(root string) (map[string][]byte, error) {
	named, err := Version(root)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, path := range versioned {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return nil, err
		}
		files[path] = own.ReplaceAll(content, []byte("${1}"+named))
	}
	files[chartFile], err = annotate(root, files[chartFile], named)
	return files, err
}
