package prometheus_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// firstGroups returns the groups that others use, in the order in which they do.
func firstGroups() []string {
	return []string{
		"empirical_settings", "empirical_sight", "empirical_groups", "empirical_projects",
		"empirical_conditions", "empirical_project_conditions", "empirical_states",
	}
}

// TestRules_AnyOrder checks that no alert begins or ends because of the order in which
// groups are evaluated. Prometheus evaluates each group at a moment of its own, which
// comes from the names of the group and of its file, so the order is another one in
// every place. In these orders series appear and go long before those made from them.
func TestRules_AnyOrder(t *testing.T) {
	backwards := firstGroups()
	slices.Reverse(backwards)
	orders := map[string][]string{
		"backwards": backwards,
		"projects last": {
			"empirical_groups", "empirical_project_conditions", "empirical_conditions", "empirical_sight",
			"empirical_settings", "empirical_states", "empirical_projects",
		},
	}
	promtool, dir := testproc.MustTool(t, "promtool"), bareCopy(t)
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, "tests", name+".yml")
			write(t, path, replace(t, read(t, "tests/order.yml"), list(firstGroups()), list(order)))
			testRules(t, promtool, path)
		})
	}
}

// list returns group names as in the file of a promtool test.
func list(groups []string) string {
	return "\n  - " + strings.Join(groups, "\n  - ") + "\n"
}
