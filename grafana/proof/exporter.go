package proof

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// root is the module of the exporter, relative to this package.
const root = "../.."

// job is the name of the scrape job.
const job = "empirical_exporter"

// Instance is the label that the exporter has in every series here, then and now.
const Instance = "exporter"

// BuildExporter builds the exporter as it is in the tree.
func BuildExporter(ctx context.Context, directory string) (string, error) {
	file := filepath.Join(directory, "empirical_exporter")
	build := exec.CommandContext(ctx, "go", "build", "-o", file, ".")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the exporter: %w\n%s", err, output)
	}
	return file, nil
}

// Process is a running exporter.
type Process struct {
	process *exec.Cmd
	log     bytes.Buffer
	ended   chan struct{}
}

// StartExporter runs the exporter with some keys against the API at url.
func StartExporter(ctx context.Context, binary, address, url string, keys map[string]string, directory string) (*Process, error) {
	arguments := []string{"--web.listen-address=" + address, "--api.url=" + url, "--scrape.min-interval=1s", "--api.max-rate=0"}
	for name, text := range keys {
		file := filepath.Join(directory, name+".key")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		arguments = append(arguments, "--api.key-file="+name+"="+file)
	}
	p := &Process{process: exec.CommandContext(ctx, binary, arguments...), ended: make(chan struct{})}
	p.process.Stdout, p.process.Stderr = &p.log, &p.log
	if err := p.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.process.Wait() //nolint:errcheck // it is stopped by a signal, and its log tells what else may have ended it
		close(p.ended)
	}()
	return p, nil
}

// Stop ends the exporter and waits until it has.
func (p *Process) Stop() {
	p.process.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended by itself
	<-p.ended
}

// Log is what the exporter wrote; it is to be read when it has ended.
func (p *Process) Log() string { return p.log.String() }
