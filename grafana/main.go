// Command grafana writes the exporter's Grafana dashboards as JSON.
//
// It is run in its own directory, by `go run .`; what it writes is committed beside it, so that people import a
// dashboard without Go, and a test fails when the two differ.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// directory is where the JSON is kept, relative to this module.
const directory = "dashboards"

func main() {
	if err := write(directory); err != nil {
		fmt.Fprintf(os.Stderr, "dashboards not written: %v\n", err)
		os.Exit(1)
	}
}

func write(directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for file, build := range boards {
		text, err := encode(build())
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(directory, file), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
