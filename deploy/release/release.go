package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// release is what all platforms have in common.
type release struct {
	version, ldflags   string
	date               time.Time
	source, out, gomod string
}

// beside are the files of the repository that each archive has beside the program.
var beside = []string{"LICENSE", "README.md", "CHANGELOG.md"}

// name is that of the archive, without its extension, and of its only folder.
func (r *release) name(p platform) string {
	return fmt.Sprintf("empirical_exporter-%s.%s", r.version, p)
}

// makeOut makes the folder for the release. Files of an earlier one would end
// up among the checksums, so it must not have any.
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

// make builds one platform's binary aside, and from it the archive and the bill
// of materials.
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
	files := []string{program}
	for _, file := range beside {
		files = append(files, filepath.Join(r.source, file))
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

// bill writes the bill of materials of a binary, which says what was built in.
// It has no time and no serial number, because they would change each time.
func (r *release) bill(p platform, program string) error {
	out := filepath.Join(r.out, r.name(p)+".cdx.json")
	bill := exec.Command(r.gomod, "bin", "-json", "-std", "-notimestamp", "-noserial",
		"-version", "v"+r.version, "-output", out, program)
	if out, err := bill.CombinedOutput(); err != nil {
		return fmt.Errorf("bill of materials: %w (`make tools` builds cyclonedx-gomod)\n%s", err, out)
	}
	return nil
}
