// Package tools finds the programs that the tests of deploy/ run.
package tools

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Root is the top directory of the repository.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		panic("built with -trimpath: the repository cannot be found from the source's own path")
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// Built returns the path of a tool that the repository builds into .bin/. The
// environment variable with the tool's name in capitals, and _ for -, gives another
// path.
func Built(name string) (string, error) {
	variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join(Root(), ".bin", name)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not there: run `make tools`, or set %s to its path (%w)", name, variable, err)
	}
	return path, nil
}

// Installed returns the path of a program of the system, which comes with the
// Debian package of the given name.
func Installed(name, debianPackage string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not there: run `apt-get install %s` (%w)", name, debianPackage, err)
	}
	return path, nil
}
