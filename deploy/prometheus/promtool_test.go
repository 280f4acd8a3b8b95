package prometheus_test

import (
	"path/filepath"
	"testing"
)

func TestRulesAreValid(t *testing.T) {
	run(t, tool(t, "PROMTOOL", "promtool"), append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files(t, "rules/*.yml")...)...)
}

func TestExamplesAreValid(t *testing.T) {
	run(t, tool(t, "PROMTOOL", "promtool"), "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
	run(t, tool(t, "AMTOOL", "amtool"), "check-config", "alertmanager.yml")
}

func TestRules(t *testing.T) {
	promtool := tool(t, "PROMTOOL", "promtool")
	for _, path := range files(t, "tests/*.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			run(t, promtool, "test", "rules", path)
		})
	}
}
