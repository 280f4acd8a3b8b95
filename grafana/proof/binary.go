package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// binary finds prometheus or promtool: $PROMETHEUS and $PROMTOOL, else what the Makefile of
// the repository at root builds.
func binary(root, name string) (string, error) {
	path := os.Getenv(strings.ToUpper(name))
	if path == "" {
		path = filepath.Join(root, ".bin", name)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no %s (%w): run `make tools`, which builds one, or set $%s to its path", name, err, strings.ToUpper(name))
	}
	return filepath.Abs(path)
}
