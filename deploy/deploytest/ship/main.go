// Command ship writes the generated files of deploy/, and removes those that are
// not generated any more. See package shipped.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

func main() {
	if err := ship(tools.Root()); err != nil {
		fmt.Fprintln(os.Stderr, "ship:", err)
		os.Exit(1)
	}
}

// ship writes the sources first, because the chart makes the others from them.
func ship(root string) error {
	helm, err := tools.Built("helm")
	if err != nil {
		return err
	}
	helmDocs, err := tools.Built("helm-docs")
	if err != nil {
		return err
	}
	sources, err := shipped.Sources(root)
	if err != nil {
		return err
	}
	if err := write(root, sources); err != nil {
		return err
	}
	files, err := shipped.Files(root, shipped.Programs{Helm: helm, HelmDocs: helmDocs})
	if err != nil {
		return err
	}
	if err := write(root, files); err != nil {
		return err
	}
	return removeOthers(root, files)
}

func write(root string, files map[string][]byte) error {
	for path, content := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func removeOthers(root string, files map[string][]byte) error {
	present, err := shipped.Present(root)
	if err != nil {
		return err
	}
	for _, path := range present {
		if _, kept := files[path]; kept {
			continue
		}
		if err := os.Remove(filepath.Join(root, path)); err != nil {
			return err
		}
	}
	return nil
}
