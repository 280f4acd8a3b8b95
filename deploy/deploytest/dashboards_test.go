package deploytest

import (
	"path/filepath"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

func TestDashboards(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(tools.Root(), "grafana", "dashboards", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("dashboards %v, %v", paths, err)
	}
	shipped := map[string]string{}
	for _, configMap := range manifest.Of[*core.ConfigMap](render(t, chartValues("operator"))) {
		if configMap.Labels["grafana_dashboard"] != "1" {
			t.Errorf("%s: labels %v, Grafana's sidecar would not see it", configMap.Name, configMap.Labels)
		}
		for name, content := range configMap.Data {
			shipped[name] = content
		}
	}
	for _, path := range paths {
		name := "empirical-" + filepath.Base(path)
		if strings.TrimSpace(shipped[name]) != strings.TrimSpace(read(t, path)) {
			t.Errorf("%s differs from %s", name, path)
		}
		delete(shipped, name)
	}
	for name := range shipped {
		t.Errorf("%s is no dashboard of the repository", name)
	}
}
