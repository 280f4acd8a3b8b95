package testproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module begins the go.mod of the repository's root. Other modules below it
// have longer names.
const module = "module github.com/empirical-exporter/empirical_exporter\n"

// Root returns the root directory of the repository. It is looked for from the
// working directory upward.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for directory := start; ; directory = filepath.Dir(directory) {
		text, err := os.ReadFile(filepath.Join(directory, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), module) {
			return directory, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if directory == filepath.Dir(directory) {
			return "", fmt.Errorf("%s is not in the repository", start)
		}
	}
}

// Tool returns the path of a program that `make tools` builds into .bin. A
// variable in the environment, $CYCLONEDX_GOMOD for cyclonedx-gomod, may name
// another path.
func Tool(name string) (string, error) {
	variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	path := os.Getenv(variable)
	if path == "" {
		root, err := Root()
		if err != nil {
			return "", err
		}
		path = filepath.Join(root, ".bin", name)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath(path); err != nil {
		return "", fmt.Errorf("no %s: run `make tools`, or set $%s to its path: %w", name, variable, err)
	}
	return path, nil
}

// Installed returns the path of a program that a Debian package of the same name
// installs. The variable may name another path.
func Installed(name, variable string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		name = path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("no %s: run `apt-get install %[1]s`, or set $%s to its path: %w", name, variable, err)
	}
	return path, nil
}

// BuildExporter builds the exporter from the working tree into a directory and
// returns the path of the program.
func BuildExporter(ctx context.Context, directory string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	program, err := filepath.Abs(filepath.Join(directory, "empirical_exporter"))
	if err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the exporter: %w\n%s", err, output)
	}
	return program, nil
}
