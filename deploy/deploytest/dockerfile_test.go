package deploytest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerui"
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
