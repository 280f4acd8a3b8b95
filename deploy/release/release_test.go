package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

const (
	date    = "2026-11-30T12:00:00+01:00"
	ldflags = "-s -w -X github.com/prometheus/common/version.Version=1.2.3"
)

// released makes a release for this machine, and returns its folder.
func released(t *testing.T) string {
	t.Helper()
	r := release{
		version: "1.2.3", ldflags: ldflags, source: filepath.Join("..", ".."),
		out: filepath.Join(t.TempDir(), "dist"), gomod: testproc.MustTool(t, "cyclonedx-gomod"),
	}
	if err := r.run(date, []platform{{runtime.GOOS, runtime.GOARCH}}); err != nil {
		t.Fatal(err)
	}
	return r.out
}

func TestRelease(t *testing.T) {
	out, again := released(t), released(t)
	here := "empirical_exporter-1.2.3." + runtime.GOOS + "-" + runtime.GOARCH
	unpacked := untar(t, filepath.Join(out, here+".tar.gz"), here)
	version, err := exec.Command(filepath.Join(unpacked, "empirical_exporter"), "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "empirical_exporter, version 1.2.3 ") {
		t.Errorf("--version says %q, %v", version, err)
	}
	materials(t, filepath.Join(out, here+".cdx.json"))

	check := exec.Command("sha256sum", "--check", "--strict", sumsFile)
	check.Dir = out
	if message, err := check.CombinedOutput(); err != nil || strings.Count(string(message), ": OK") != 2 {
		t.Errorf("sha256sum: %v\n%s", err, message)
	}
	if diff := cmp.Diff(text(t, filepath.Join(out, sumsFile)), text(t, filepath.Join(again, sumsFile))); diff != "" {
		t.Errorf("the same source made another release:\n%s", diff)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// untar unpacks an archive with its modes, checks that it has only the folder with
// its files, and returns that folder.
func untar(t *testing.T, path, folder string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	var names []string
	for archive := tar.NewReader(packed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		if want, _ := time.Parse(time.RFC3339, date); !header.ModTime.Equal(want) {
			t.Errorf("%s is of %v, want %v", header.Name, header.ModTime, want)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		place := filepath.Join(into, strings.TrimPrefix(header.Name, folder))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, content, os.FileMode(header.Mode)); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, names, folder, "empirical_exporter")
	return into
}

func TestReleaseForWindows(t *testing.T) {
	r := release{version: "1.2.3", out: t.TempDir(), date: time.Now()}
	var files []entry
	for _, name := range append([]string{"empirical_exporter.exe"}, inArchive(t)...) {
		file := entry{filepath.Join(t.TempDir(), "file"), name}
		if err := os.WriteFile(file.path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if err := r.archive(platform{"windows", "arm64"}, files); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(r.out, "empirical_exporter-1.2.3.windows-arm64.zip"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = archive.Close() })
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
	}
	holds(t, names, "empirical_exporter-1.2.3.windows-arm64", "empirical_exporter.exe")
}

// inArchive returns what an archive has beside the program.
func inArchive(t *testing.T) []string {
	t.Helper()
	paths, err := (&release{source: filepath.Join("..", "..")}).files()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"LICENSE", "README.md", "CHANGELOG.md", "deploy/README.md", "deploy/prometheus/rules/settings.yml", "grafana/dashboards/test-runs.json",
		"deploy/systemd/empirical_exporter.service", "deploy/systemd/empirical_exporter.default", "deploy/systemd/config-file.conf",
	} {
		if !slices.Contains(paths, path) {
			t.Errorf("archives lack %s: %q", path, paths)
		}
	}
	return paths
}

func holds(t *testing.T, names []string, folder, program string) {
	t.Helper()
	want := []string{folder + "/" + program}
	for _, path := range inArchive(t) {
		want = append(want, folder+"/"+path)
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the archive holds (-want +got):\n%s", diff)
	}
}

// materials checks that the bill names the version of the exporter and its modules.
func materials(t *testing.T, path string) {
	t.Helper()
	var bill struct {
		Metadata struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(text(t, path)), &bill); err != nil {
		t.Fatal(err)
	}
	main := bill.Metadata.Component
	if main.Name != "github.com/empirical-exporter/empirical_exporter" || main.Version != "v1.2.3" {
		t.Errorf("the bill is of %+v", main)
	}
	names := map[string]bool{}
	for _, component := range bill.Components {
		names[component.Name] = true
	}
	for _, name := range []string{"github.com/prometheus/client_golang", "std"} {
		if !names[name] {
			t.Errorf("the bill does not name %s: %v", name, names)
		}
	}
}

func TestReleaseRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "old.tar.gz"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ version, date, out, message string }{
		"no tag":       {"44aa9bc", date, t.TempDir(), "git tag v1.2.3"},
		"metadata":     {"1.2.3+linux", date, t.TempDir(), "is not like 1.2.3"},
		"after a tag":  {"1.2.3-4-g44aa9bc", date, t.TempDir(), "git tag v1.2.3"},
		"dirty":        {"1.2.3-dirty", date, t.TempDir(), "not committed"},
		"no version":   {"", date, t.TempDir(), "is not like 1.2.3"},
		"no date":      {"1.2.3", "", t.TempDir(), "git log -1 --format=%cI"},
		"old release":  {"1.2.3", date, full, "is not empty: remove it first"},
		"no bills":     {"1.2.3-rc.1", date, t.TempDir(), "`make tools` builds cyclonedx-gomod"},
		"out is taken": {"1.2.3", date, filepath.Join(full, "old.tar.gz"), "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			r := release{version: test.version, source: filepath.Join("..", ".."), out: test.out, gomod: "/nowhere"}
			err := r.run(test.date, []platform{{runtime.GOOS, runtime.GOARCH}})
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got error %v, want one with %q", err, test.message)
			}
		})
	}
}

func TestPlatforms(t *testing.T) {
	var names []string
	for _, p := range platforms {
		names = append(names, p.String())
	}
	want := "linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("built for %s, want %s", got, want)
	}
}
