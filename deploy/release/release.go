package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type platform struct{ os, arch string }

// platforms has every platform that a release is built for.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func (p platform) String() string { return p.os + "-" + p.arch }

// program returns the name of the binary.
func (p platform) program() string {
	if p.os == "windows" {
		return "empirical_exporter.exe"
	}
	return "empirical_exporter"
}

const sumsFile = "sha256sums.txt"

// release has the settings that all platforms share.
type release struct {
	version, ldflags   string
	date               time.Time
	source, out, gomod string
}

// beside has the files and folders of the repository that each archive has beside
// the program: what the installation steps and the README use.
var beside = []string{
	"LICENSE", "README.md", "CHANGELOG.md",
	"deploy/README.md", "deploy/BACKFILL.md", "deploy/CONFIG.md", "deploy/SIZING.md", "deploy/systemd",
	"deploy/prometheus/README.md", "deploy/prometheus/runbook.md", "deploy/prometheus/rules", "grafana/dashboards",
}

// files returns the paths of all files beside the program, folders resolved, in order.
func (r *release) files() (paths []string, err error) {
	for _, path := range beside {
		err := filepath.WalkDir(filepath.Join(r.source, filepath.FromSlash(path)), func(full string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			relative, err := filepath.Rel(r.source, full)
			paths = append(paths, filepath.ToSlash(relative))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// name returns the name of the archive, without its extension, and of its only folder.
func (r *release) name(p platform) string {
	return fmt.Sprintf("empirical_exporter-%s.%s", r.version, p)
}

// makeOut makes the folder for the release. It must be empty, because the checksums
// are of all files in it.
func (r *release) makeOut() error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	present, err := os.ReadDir(r.out)
	if err == nil && len(present) > 0 {
		return fmt.Errorf("%s is not empty: remove it first", r.out)
	}
	return err
}

// make builds the binary of one platform in a temporary folder, and from it the
// archive and the bill of materials.
func (r *release) make(p platform) (err error) {
	aside, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	program := filepath.Join(aside, p.program())
	if err := r.build(p, program); err != nil {
		return err
	}
	files := []entry{{program, p.program()}}
	paths, err := r.files()
	if err != nil {
		return err
	}
	for _, path := range paths {
		files = append(files, entry{filepath.Join(r.source, path), path})
	}
	if err := r.archive(p, files); err != nil {
		return err
	}
	return r.bill(p, program)
}

func (r *release) build(p platform, program string) error {
	build := exec.Command("go", "build", "-trimpath", "-ldflags", r.ldflags, "-o", program, ".")
	build.Dir = r.source
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch)
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// bill writes the bill of materials of a binary: the modules that are built in. It
// has no time and no serial number, because they would change each time.
func (r *release) bill(p platform, program string) error {
	out := filepath.Join(r.out, r.name(p)+".cdx.json")
	bill := exec.Command(r.gomod, "bin", "-json", "-std", "-notimestamp", "-noserial",
		"-version", "v"+r.version, "-output", out, program)
	if out, err := bill.CombinedOutput(); err != nil {
		return fmt.Errorf("bill of materials: %w (`make tools` builds cyclonedx-gomod)\n%s", err, out)
	}
	return nil
}

// writeSums writes the checksums of all files of the release, as `sha256sum -c` reads them.
func (r *release) writeSums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(r.out, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), entry.Name())
	}
	return os.WriteFile(filepath.Join(r.out, sumsFile), []byte(sums.String()), 0o644)
}
