package deploytest

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/opencontainers/go-digest"
)

// emptyBase stands for every base image, so that the linter asks no registry.
type emptyBase struct{}

func (emptyBase) ResolveImageConfig(_ context.Context, image string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return image, "", []byte(`{"architecture":"amd64","os":"linux"}`), nil
}

// warnings returns what `docker build --check` says about a Dockerfile.
func warnings(t *testing.T, dockerfile string) []string {
	t.Helper()
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(dockerfile))
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), []byte(dockerfile), dockerfile2llb.ConvertOpt{
		Config:       dockerui.Config{LinterConfig: &linter.Config{ExperimentalAll: true}},
		SourceMap:    source,
		MetaResolver: emptyBase{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if results.Error != nil {
		t.Fatal(results.Error.Message)
	}
	var found []string
	for _, warning := range results.Warnings {
		found = append(found, warning.RuleName+": "+warning.Detail)
	}
	return found
}

func TestDockerfileLint(t *testing.T) {
	dockerfile := read(t, inRepository("Dockerfile"))
	for _, warning := range warnings(t, dockerfile) {
		t.Error(warning)
	}
	careless := strings.ReplaceAll(dockerfile, `ENTRYPOINT ["/bin/empirical_exporter"]`, "ENTRYPOINT /bin/empirical_exporter")
	if got := warnings(t, careless); !slices.ContainsFunc(got, func(w string) bool { return strings.HasPrefix(w, "JSONArgsRecommended") }) {
		t.Errorf("a shell as entry point passes: %q", got)
	}
}

// TestDockerfileStages checks what the linter does not look at: the base of the
// image, its user and its labels.
func TestDockerfileStages(t *testing.T) {
	dockerfile := read(t, inRepository("Dockerfile"))
	stages := strings.Split(dockerfile, "\nFROM ")[1:]
	exporter := stages[len(stages)-1]
	for what, pattern := range map[string]string{
		"an empty base":              `^scratch AS exporter\n`,
		"certificates":               `(?m)^COPY --from=build /etc/ssl/certs/ca-certificates\.crt /etc/ssl/certs/ca-certificates\.crt$`,
		"a user by number, not root": `(?m)^USER [1-9]\d*:[1-9]\d*$`,
		"the port":                   `(?m)^EXPOSE 10071$`,
		"a label with the version":   `org\.opencontainers\.image\.version="?\$\{?VERSION`,
		"a label with the revision":  `org\.opencontainers\.image\.revision="?\$\{?REVISION`,
		"a label with the time":      `org\.opencontainers\.image\.created="?\$\{?BUILD_DATE`,
		"a label with the source":    `org\.opencontainers\.image\.source="https://github\.com/empirical-exporter/empirical_exporter"`,
		"a label with the licence":   `org\.opencontainers\.image\.licenses="Apache-2\.0"`,
	} {
		if !regexp.MustCompile(pattern).MatchString(exporter) {
			t.Errorf("the image lacks: %s", what)
		}
	}
	build := stages[0]
	for what, pattern := range map[string]string{
		"static":                     `CGO_ENABLED=0`,
		"reproducible":               `-trimpath`,
		"for the platform asked for": `GOOS=\$\{?TARGETOS.* GOARCH=\$\{?TARGETARCH`,
	} {
		if !regexp.MustCompile(pattern).MatchString(build) {
			t.Errorf("the build is not: %s", what)
		}
	}
	if pinned := regexp.MustCompile(`^--platform=\$BUILDPLATFORM golang:\d+\.\d+\.\d+-\w+ AS build\n`); !pinned.MatchString(build) {
		t.Errorf("the build's base is not pinned to a version: %s", strings.SplitN(build, "\n", 2)[0])
	}
}

// TestDockerignore checks that Docker gets every file that the binaries are built
// from, and none of the others.
func TestDockerignore(t *testing.T) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(t, inRepository(".dockerignore"))))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	needed := append(sources(t), "go.mod", "go.sum")
	for _, file := range append(needed, "README.md", "main_test.go", "deploy/release/main.go", "grafana/main.go", ".git/config", "secret.key") {
		isIgnored, err := ignored.MatchesOrParentMatches(file)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(needed, file) == isIgnored {
			t.Errorf("%s: ignored %t, needed %t", file, isIgnored, !isIgnored)
		}
	}
}

// sources returns the repository's own files that the two binaries of the images
// are built from.
func sources(t *testing.T) (files []string) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f",
		`{{if .Module}}{{if .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`,
		".", "./apiclient/apitest/fakeapi")
	list.Dir = inRepository()
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.Lines(string(out)) {
		below, err := filepath.Rel(inRepository(), strings.TrimSpace(file))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.ToSlash(below))
	}
	return files
}
