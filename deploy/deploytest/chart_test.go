package deploytest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
)

// TestChartKinds checks which objects the chart makes from each values file in ci/.
func TestChartKinds(t *testing.T) {
	for values, want := range map[string]string{
		"minimal":   "Deployment NetworkPolicy Pod Secret Service ServiceAccount",
		"directory": "Deployment NetworkPolicy Pod Service ServiceAccount",
		"web":       "Deployment NetworkPolicy Pod Service ServiceAccount ServiceMonitor",
		"proxy":     "ConfigMap Deployment NetworkPolicy Pod Service ServiceAccount",
		"openshift": "Deployment NetworkPolicy Pod Service ServiceAccount",
		"projects":  "ConfigMap Deployment NetworkPolicy Pod Service ServiceAccount",
		"operator":  "ConfigMap ConfigMap ConfigMap ConfigMap Deployment NetworkPolicy Pod PrometheusRule Service ServiceAccount ServiceMonitor",
		"everything": "ConfigMap ConfigMap ConfigMap ConfigMap Deployment NetworkPolicy Pod PodDisruptionBudget PrometheusRule" +
			" Secret Service ServiceMonitor",
	} {
		t.Run(values, func(t *testing.T) {
			if got := kinds(render(t, chartValues(values))); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func kinds(objects []runtime.Object) string {
	var names []string
	for _, object := range objects {
		names = append(names, object.GetObjectKind().GroupVersionKind().Kind)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestChartLint(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(chart(), "ci", "*-values.yaml"))
	if err != nil || len(files) != 8 {
		t.Fatalf("values files %v, %v", files, err)
	}
	for _, values := range files {
		out, err := exec.Command(built(t, "helm"), "lint", "--strict", chart(), "--values", values).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(values), err, out)
		}
	}
}

// TestChartLongNames checks that a release with the longest name has a valid name for
// each object, and no name twice.
func TestChartLongNames(t *testing.T) {
	for _, length := range []int{43, 44, 47, 52, 53} { // of 53 letters at most
		release := strings.Repeat("a", length)
		rendered, err := exec.Command(built(t, "helm"), "template", release, chart(),
			"--set", "dashboards.enabled=true", "--set", "config.projects[0].name=b", "--set", "apiKeys.values.b=c").Output()
		if err != nil {
			t.Fatal(err)
		}
		objects, err := manifest.Decode(rendered)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, object := range objects {
			named, err := meta.Accessor(object)
			if err != nil {
				t.Fatal(err)
			}
			kind := object.GetObjectKind().GroupVersionKind().Kind
			if id := kind + " " + named.GetName(); seen[id] || len(validation.IsDNS1123Subdomain(named.GetName())) > 0 {
				t.Errorf("%s is there twice, or is no valid name", id)
			} else {
				seen[id] = true
			}
			if kind == "Service" && len(validation.IsDNS1035Label(named.GetName())) > 0 {
				t.Errorf("%s is no name of a Service", named.GetName())
			}
		}
	}
}

// TestChartRefuses_WithoutKey checks that the message about a key that cannot be one
// does not show it: it ends in the logs of whoever installs.
func TestChartRefuses_WithoutKey(t *testing.T) {
	_, err := shipped.Render(built(t, "helm"), chart(), filepath.Join("testdata", "values", "key-with-space.bad.yaml"))
	if err == nil || strings.Contains(err.Error(), "not a key") {
		t.Errorf("got error %v, want one without the key", err)
	}
}

// TestChartRefuses checks that a mistake in the values gives a message that names
// it. The first line of each file in testdata/values is that message.
func TestChartRefuses(t *testing.T) {
	files, err := filepath.Glob("testdata/values/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("values files %v, %v", files, err)
	}
	for _, values := range files {
		t.Run(filepath.Base(values), func(t *testing.T) {
			want := firstComment(t, values)
			_, err := shipped.Render(built(t, "helm"), chart(), values)
			if err == nil || !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("got error %v\nwant one with %q", err, want)
			}
		})
	}
}
