package prometheus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// tool returns the path of a binary that the test needs: what the environment
// variable names, or what `make tools` built. The test fails where it is missing.
func tool(t *testing.T, variable, name string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join("..", "..", ".bin", name)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run `make tools`, or set $%s to the path of %s", err, variable, name)
	}
	return path
}

// alertmanager returns the path of Debian's Alertmanager, or what $ALERTMANAGER names.
func alertmanager(t *testing.T) string {
	t.Helper()
	name := os.Getenv("ALERTMANAGER")
	if name == "" {
		name = "prometheus-alertmanager"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: install Debian's package prometheus-alertmanager, or set $ALERTMANAGER to the path of alertmanager", err)
	}
	return path
}

// run runs a command that must succeed.
func run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", filepath.Base(name), arguments, err, output)
	}
}
