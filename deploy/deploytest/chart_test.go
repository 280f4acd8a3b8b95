package deploytest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
)

// TestChartKinds checks which objects the chart makes from each values file in ci/.
func TestChartKinds(t *testing.T) {
	for values, want := range map[string]string{
		"minimal":   "Deployment NetworkPolicy Secret Service ServiceAccount",
		"directory": "Deployment NetworkPolicy Service ServiceAccount",
		"projects":  "ConfigMap Deployment NetworkPolicy Service ServiceAccount",
		"operator":  "ConfigMap ConfigMap ConfigMap Deployment NetworkPolicy PrometheusRule Service ServiceAccount ServiceMonitor",
		"everything": "ConfigMap ConfigMap ConfigMap Deployment NetworkPolicy PodDisruptionBudget PrometheusRule" +
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
	if err != nil || len(files) != 5 {
		t.Fatalf("values files %v, %v", files, err)
	}
	for _, values := range files {
		out, err := exec.Command(built(t, "helm"), "lint", "--strict", chart(), "--values", values).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(values), err, out)
		}
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
