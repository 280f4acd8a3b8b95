package proof

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// job is the name of the scrape job.
const job = "empirical_exporter"

// instance is the label that the exporter has in every series here, then and now.
const instance = "exporter"

// buildExporter builds the exporter as it is in the tree.
func buildExporter(ctx context.Context, place Place) (string, error) {
	file, err := filepath.Abs(filepath.Join(place.Directory, "empirical_exporter"))
	if err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", file, ".")
	build.Dir = place.Root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the exporter: %w\n%s", err, output)
	}
	return file, nil
}

// startExporter runs the exporter with some keys against the API at url.
func startExporter(ctx context.Context, program, address, url string, keys map[string]string, directory string) (*Process, error) {
	arguments := []string{"--web.listen-address=" + address, "--api.url=" + url, "--scrape.min-interval=1s", "--api.max-rate=0"}
	for name, text := range keys {
		file := filepath.Join(directory, name+".key")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		arguments = append(arguments, "--api.key-file="+name+"="+file)
	}
	return start(ctx, program, arguments...)
}
