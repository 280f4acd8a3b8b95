package deploytest

import (
	"encoding/json"
	"os/exec"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
)

// lastAppliedLimit is how many bytes of annotations Kubernetes allows. `kubectl
// apply` keeps the whole object in an annotation.
const lastAppliedLimit = 262144

func kustomize(t *testing.T, folder string) []runtime.Object {
	t.Helper()
	built := exec.Command(built(t, "kustomize"), "build", inRepository("deploy", "kubernetes", folder))
	out, err := built.Output()
	if err != nil {
		t.Fatalf("kustomize build: %v", err)
	}
	objects, err := manifest.Decode(out)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestKustomize(t *testing.T) {
	for folder, want := range map[string]string{
		".": "ConfigMap ConfigMap ConfigMap ConfigMap Deployment NetworkPolicy PrometheusRule" +
			" Service ServiceAccount ServiceMonitor",
		"exporter":            "Deployment NetworkPolicy Service ServiceAccount",
		"prometheus-operator": "PrometheusRule ServiceMonitor",
		"dashboards":          "ConfigMap ConfigMap ConfigMap ConfigMap",
	} {
		t.Run(folder, func(t *testing.T) {
			objects := kustomize(t, folder)
			if got := kinds(objects); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			for _, object := range objects {
				checkApply(t, object)
			}
		})
	}
}

func checkApply(t *testing.T, object runtime.Object) {
	t.Helper()
	named, err := meta.Accessor(object)
	if err != nil {
		t.Fatal(err)
	}
	if named.GetNamespace() != "monitoring" {
		t.Errorf("%s is in namespace %q, want monitoring", named.GetName(), named.GetNamespace())
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if len(encoded) > lastAppliedLimit {
		t.Errorf("%s has %d bytes: too large for kubectl apply", named.GetName(), len(encoded))
	}
}
