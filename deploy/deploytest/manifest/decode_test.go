package manifest_test

import (
	"strings"
	"testing"

	core "k8s.io/api/core/v1"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
)

const service = `
# a comment is no document
---
apiVersion: v1
kind: Service
metadata: {name: exporter}
spec:
  ports: [{port: 10071}]
`

func TestDecode(t *testing.T) {
	objects, err := manifest.Decode([]byte(service))
	if err != nil {
		t.Fatal(err)
	}
	services := manifest.Of[*core.Service](objects)
	if len(objects) != 1 || len(services) != 1 || services[0].Spec.Ports[0].Port != 10071 {
		t.Fatalf("got %v", objects)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, test := range map[string]struct{ old, new, message string }{
		"unknown field":  {"port: 10071", "port: 10071, prot: TCP", `unknown field "spec.ports[0].prot"`},
		"field twice":    {"{name: exporter}", "{name: exporter, name: other}", "already set in map"},
		"wrong type":     {"port: 10071", "port: many", "cannot unmarshal string"},
		"unknown kind":   {"kind: Service", "kind: Servise", `no kind "Servise"`},
		"not YAML":       {"metadata: {", "metadata: {{", "did not find expected"},
		"field too deep": {"ports:", "prots:", `unknown field "spec.prots"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifest.Decode([]byte(strings.Replace(service, test.old, test.new, 1)))
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got error %v, want one with %q", err, test.message)
			}
		})
	}
}
