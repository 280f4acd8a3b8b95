package deploytest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
)

// newestSchema is the newest Kubernetes whose schemas kubectl-validate has. Package
// manifest decodes into the types of a newer one.
const newestSchema = "1.35"

// oldestKubernetes returns the oldest version that Chart.yaml allows.
func oldestKubernetes(t *testing.T) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^kubeVersion: ">=(1\.\d+)\.0-0"$`).FindStringSubmatch(read(t, filepath.Join(chart(), "Chart.yaml")))
	if match == nil {
		t.Fatal(`Chart.yaml has no kubeVersion such as ">=1.25.0-0"`)
	}
	return match[1]
}

// definitions returns a folder with the Prometheus Operator's custom resource
// definitions, made from its Go types as the operator itself makes them.
func definitions(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	generate := exec.Command(built(t, "controller-gen"), "crd",
		"paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1", "output:crd:dir="+folder)
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("controller-gen: %v\n%s", err, out)
	}
	return folder
}

// validate returns what kubectl-validate says about the manifests in a folder, and
// whether each is valid.
func validate(t *testing.T, folder, kubernetes, definitions string) (string, bool) {
	t.Helper()
	validate := exec.Command(built(t, "kubectl-validate"), folder, "--version", kubernetes, "--local-crds", definitions)
	validate.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull) // asks no cluster
	out, err := validate.CombinedOutput()
	return string(out), err == nil
}

// everything writes all that is installed in Kubernetes into a folder: the chart with
// each good values file, and the plain manifests.
func everything(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	values := []string{inRepository("deploy", "kubernetes", "values.yaml")}
	for _, pattern := range []string{filepath.Join(chart(), "ci", "*.yaml"), filepath.Join("testdata", "values", "*.yaml")} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		values = append(values, files...)
	}
	for _, file := range values {
		if strings.HasSuffix(file, ".bad.yaml") {
			continue
		}
		rendered, err := shipped.Render(built(t, "helm"), chart(), file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, folder, filepath.Base(file), rendered)
	}
	plain, err := exec.Command(built(t, "kustomize"), "build", inRepository("deploy", "kubernetes")).Output()
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "kustomize.yaml", plain)
	return folder
}

func write(t *testing.T, folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSchemas_Documented checks that the chart's README.md names the versions that the
// tests use.
func TestSchemas_Documented(t *testing.T) {
	readme := read(t, filepath.Join(chart(), "README.md"))
	types := regexp.MustCompile(`k8s\.io/api v0\.(\d+)\.`).FindStringSubmatch(read(t, "go.mod"))
	if types == nil {
		t.Fatal("go.mod does not require k8s.io/api")
	}
	oldest := oldestKubernetes(t)
	for _, sentence := range []string{
		"It needs Kubernetes " + oldest + " or later.",
		"the schemas of Kubernetes " + oldest + " and " + newestSchema,
		"the Go types of Kubernetes 1." + types[1],
	} {
		if !strings.Contains(readme, sentence) {
			t.Errorf("the chart's README.md does not say: %s", sentence)
		}
	}
}

// TestSchemas checks that the oldest and the newest Kubernetes take every object, by
// their own schemas. Then it spoils objects one by one: a schema that takes all would
// show nothing.
func TestSchemas(t *testing.T) {
	definitions, oldest := definitions(t), oldestKubernetes(t)
	folder := everything(t)
	for _, kubernetes := range []string{oldest, newestSchema} {
		if message, valid := validate(t, folder, kubernetes, definitions); !valid {
			t.Errorf("Kubernetes %s:\n%s", kubernetes, message)
		}
	}
	rendered, err := shipped.Render(built(t, "helm"), chart(), chartValues("everything"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		kubernetes, from, to, message string
	}{
		"unknown field":         {newestSchema, "kind: Service\n", "kind: Service\nspecs: {}\n", "specs"},
		"deep in the pod":       {oldest, "readOnlyRootFilesystem: ", "readOnlyFilesystem: ", "readOnlyFilesystem"},
		"another type":          {oldest, "revisionHistoryLimit: 3", "revisionHistoryLimit: three", "revisionHistoryLimit"},
		"newer than the oldest": {oldest, "  type: NodePort\n", "  type: NodePort\n  trafficDistribution: PreferClose\n", "trafficDistribution"},
		"of the operator":       {oldest, "scrapeTimeout: ", "scrapeTimeOut: ", "scrapeTimeOut"},
		"an operator's pattern": {newestSchema, `scrapeTimeout: `, `scrapeTimeout: 1.5s # `, "scrapeTimeout"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := bytes.ReplaceAll(rendered, []byte(test.from), []byte(test.to))
			if bytes.Equal(spoilt, rendered) {
				t.Fatalf("%q is not rendered", test.from)
			}
			folder := t.TempDir()
			write(t, folder, "spoilt.yaml", spoilt)
			if message, valid := validate(t, folder, test.kubernetes, definitions); valid || !strings.Contains(message, test.message) {
				t.Errorf("valid %t:\n%s", valid, message)
			}
		})
	}
}
