package deploytest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/registry"
	"sigs.k8s.io/yaml"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
)

// job is a job of a workflow.
type job struct {
	Permissions map[string]string
	Needs       []string
	Steps       []struct{ Run string }
}

// pipeline is what the tests read of the workflow.
type pipeline struct {
	Permissions map[string]string
	Jobs        map[string]job
}

func workflow(t *testing.T) (parsed pipeline) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, inRepository(".github", "workflows", "ci.yml"))), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestWorkflow_Permissions checks that only the release may write, and only what it
// publishes, after all checks.
func TestWorkflow_Permissions(t *testing.T) {
	parsed := workflow(t)
	if diff := cmp.Diff(map[string]string{"contents": "read"}, parsed.Permissions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, job := range parsed.Jobs {
		var want map[string]string
		if name == "release" {
			want = map[string]string{"contents": "write", "packages": "write"}
		}
		if diff := cmp.Diff(want, job.Permissions); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"test", "image"}, parsed.Jobs["release"].Needs); diff != "" {
		t.Errorf("the release needs, -want +got:\n%s", diff)
	}
}

// TestWorkflow_Release checks that the release calls what is tested here, in the order
// in which a failure publishes least.
func TestWorkflow_Release(t *testing.T) {
	var got []string
	for _, step := range workflow(t).Jobs["release"].Steps {
		got = append(got, regexp.MustCompile(`make (?:--silent )?[a-z-]+|gh release create`).FindAllString(step.Run, -1)...)
	}
	want := []string{"make release", "make --silent release-notes", "make publish-image", "make publish-chart", "gh release create"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if image, charts := publishedImage(t), makeVariable(t, "CHARTS"); makeVariable(t, "IMAGE") != image {
		t.Errorf("the Makefile publishes %s, the chart installs %s", makeVariable(t, "IMAGE"), image)
	} else if install := charts + "/empirical-exporter --version " + version(t); !strings.Contains(read(t, filepath.Join(chart(), "README.md")), install) {
		t.Errorf("the chart's README.md does not install %s", install)
	}
}

// TestPublishChart pushes the chart to a registry that asks for the credentials of
// `docker login`, and renders it from there, as users install it.
func TestPublishChart(t *testing.T) {
	pushed := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "robot" || password != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		pushed.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	home := t.TempDir()
	write(t, home, "config.json", []byte(`{"auths": {"`+host+`": {"auth": "cm9ib3Q6c2VjcmV0"}}}`)) // robot:secret
	command := func(name string, args ...string) []byte {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "MAKEFLAGS=", "DOCKER_CONFIG="+home, "HELM_CONFIG_HOME="+home, "HELM_CACHE_HOME="+t.TempDir())
		var messages strings.Builder
		cmd.Stderr = &messages
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, messages.String())
		}
		return out
	}
	helm, charts := built(t, "helm"), "oci://"+host+"/charts"
	command("make", "-C", inRepository(), "--assume-old="+helm, "publish-chart", "HELM="+helm, "CHARTS="+charts, "CHART_FLAGS=--plain-http")
	rendered := command(helm, "template", "empirical-exporter", charts+"/empirical-exporter", "--version", version(t), "--plain-http",
		"--namespace", "monitoring", "--values", chartValues("operator"))
	objects, err := manifest.Decode(rendered)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kinds(objects), kinds(render(t, chartValues("operator"))); got != want {
		t.Errorf("the chart in the registry makes %s\nwant %s", got, want)
	}
}
