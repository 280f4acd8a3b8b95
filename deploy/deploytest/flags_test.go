package deploytest

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fixed has the flags that the chart sets itself, and those that would break the
// probes or the Service.
var fixed = []string{"api.key-file", "api.key-dir", "config.file", "web.listen-address", "web.systemd-socket", "web.config.file", "web.telemetry-path"}

// TestChartFlags checks that `flags` of the values takes all flags of the exporter
// but the fixed ones, and no other.
func TestChartFlags(t *testing.T) {
	var schema struct {
		Properties struct {
			Flags struct {
				Properties map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(chart(), "values.schema.json"))), &schema); err != nil {
		t.Fatal(err)
	}
	taken := slices.Sorted(maps.Keys(schema.Properties.Flags.Properties))
	var want []string
	for _, name := range exporterFlags(t) {
		if !slices.Contains(fixed, name) {
			want = append(want, name)
		}
	}
	if diff := cmp.Diff(want, taken); diff != "" {
		t.Errorf("values.schema.json takes other flags than the exporter has (-exporter +schema):\n%s", diff)
	}
}

// exporterFlags returns the exporter's own flags: those of --help with a dot in
// their names.
func exporterFlags(t *testing.T) []string {
	t.Helper()
	help := exec.Command("go", "run", ".", "--help")
	help.Dir = inRepository()
	out, err := help.Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range regexp.MustCompile(`(?m)^ +--(?:\[no-\])?([a-z]+\.[a-z.-]+)`).FindAllSubmatch(out, -1) {
		names = append(names, string(match[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
