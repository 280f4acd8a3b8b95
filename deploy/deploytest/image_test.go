package deploytest

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestImage_Arguments checks that the Makefile gives each build argument of the
// Dockerfile a value.
func TestImage_Arguments(t *testing.T) {
	values := map[string]string{"VERSION": "1.2.3", "REVISION": "0123", "BRANCH": "HEAD", "BUILD_DATE": "2026-11-30T12:00:00+01:00"}
	dry := exec.Command("make", "-C", inRepository(), "--dry-run", "publish-image")
	for name, value := range values {
		dry.Args = append(dry.Args, name+"="+value)
	}
	dry.Env = append(os.Environ(), "MAKEFLAGS=")
	out, err := dry.Output()
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, match := range regexp.MustCompile(`--build-arg ([A-Z_]+)=(\S+)`).FindAllStringSubmatch(string(out), -1) {
		given[match[1]] = match[2]
	}
	if diff := cmp.Diff(values, given); diff != "" {
		t.Errorf("-want +given:\n%s", diff)
	}
	for _, match := range regexp.MustCompile(`([A-Z_]+)=unknown`).FindAllStringSubmatch(read(t, inRepository("Dockerfile")), -1) {
		if given[match[1]] == "" {
			t.Errorf("the Makefile does not set %s", match[1])
		}
	}
	for _, part := range []string{
		"buildx build --platform " + makeVariable(t, "IMAGE_PLATFORMS") + " ", " --target exporter ",
		" --tag " + publishedImage(t) + ":1.2.3 ", " --push ", " --provenance=mode=max ", " --sbom=true ",
	} {
		if !strings.Contains(string(out), part) {
			t.Errorf("publish-image lacks %q: %s", part, out)
		}
	}
}

// TestImage_Build runs the Dockerfile's build, without a container, for each platform.
func TestImage_Build(t *testing.T) {
	run := regexp.MustCompile(`(?m)^RUN (export (?:.*\\\n)+.*)$`).FindStringSubmatch(read(t, inRepository("Dockerfile")))
	if run == nil {
		t.Fatal("the Dockerfile has no build step that begins with export")
	}
	machines := map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}
	platforms := strings.Split(makeVariable(t, "IMAGE_PLATFORMS"), ",")
	slices.Sort(platforms)
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Errorf("platforms, -want +got:\n%s", diff)
	}
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			out := t.TempDir()
			system, architecture, _ := strings.Cut(platform, "/")
			build := exec.Command("sh", "-ec", strings.ReplaceAll(run[1], "/out/", out+"/"))
			build.Dir = inRepository()
			build.Env = append(os.Environ(), "TARGETOS="+system, "TARGETARCH="+architecture,
				"VERSION=1.2.3", "REVISION=0123456789", "BRANCH=HEAD", "BUILD_DATE=2026-11-30T12:00:00+01:00")
			if message, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, message)
			}
			for _, name := range []string{"empirical_exporter", "fakeapi"} {
				checkBinary(t, filepath.Join(out, name), machines[platform])
			}
			for _, value := range []string{"1.2.3", "0123456789", "2026-11-30T12:00:00+01:00"} {
				if !strings.Contains(read(t, filepath.Join(out, "empirical_exporter")), value) {
					t.Errorf("%s is not in the binary", value)
				}
			}
		})
	}
}

// TestImage_Names checks that all pages and files call the image by the name under
// which it is published, or say that it is in a registry of the reader's.
func TestImage_Names(t *testing.T) {
	named := regexp.MustCompile(`[\w./-]*empirical_exporter:\d`)
	allowed := []string{publishedImage(t) + ":", "registry.example.org/empirical_exporter:"}
	for _, file := range []string{
		"README.md", "deploy/README.md", "deploy/CONFIG.md", "deploy/SIZING.md", "deploy/compose/compose.yaml",
		"deploy/kubernetes/exporter/deployment.yaml", "deploy/helm/empirical-exporter/README.md",
	} {
		for _, name := range named.FindAllString(read(t, inRepository(file)), -1) {
			if !slices.Contains(allowed, name[:len(name)-1]) {
				t.Errorf("%s: %s… is an image that nothing makes", file, name)
			}
		}
	}
}

// checkBinary checks that a program is static, as an empty image needs it, and for
// that machine.
func checkBinary(t *testing.T, path string, machine elf.Machine) {
	t.Helper()
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	libraries, err := program.ImportedLibraries()
	if program.Machine != machine || err != nil || len(libraries) > 0 {
		t.Errorf("%s is for %v and needs %v, %v", filepath.Base(path), program.Machine, libraries, err)
	}
}
