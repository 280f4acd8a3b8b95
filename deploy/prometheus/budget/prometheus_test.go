package budget

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"
	"go.yaml.in/yaml/v2"
)

// order has the rule groups that others use, in the order in which they use them.
var order = []string{
	"empirical_settings", "empirical_sight", "empirical_groups", "empirical_projects",
	"empirical_conditions", "empirical_project_conditions", "empirical_states",
}

// prometheus is Prometheus without a network: its database, its query engine and its
// rules, at times that a test chooses.
type prometheus struct {
	db     *tsdb.DB
	groups []*rules.Group
	read   map[string]bool // the names of the metrics that rules read
	graphs bool            // evaluates the rules that only graphs use, too
}

// newPrometheus loads the shipped rules.
func newPrometheus(t *testing.T) *prometheus {
	t.Helper()
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = (100 * 24 * time.Hour).Milliseconds() // nothing is compacted during a test
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 0
	options.IsolationDisabled = true // nothing is written while a query runs
	options.WALSegmentSize = -1      // no write-ahead log
	db, err := tsdb.Open(t.TempDir(), promslog.NewNopLogger(), nil, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: patience, LookbackDelta: 5 * time.Minute})
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(engine, db), AppendableV2: db, Queryable: db,
		Context: t.Context(), Logger: promslog.NewNopLogger(),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
	})
	loaded, failures := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, ruleFiles(t)...)
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	p := &prometheus{db: db, groups: inOrder(t, loaded), read: map[string]bool{}}
	for _, group := range p.groups {
		for _, rule := range group.Rules() {
			parser.Inspect(rule.Query(), func(node parser.Node, _ []parser.Node) error {
				if selector, is := node.(*parser.VectorSelector); is {
					p.read[selector.Name] = true
				}
				return nil
			})
		}
	}
	return p
}

// inOrder returns the groups that others use first. All are evaluated at the same
// time, so one before its turn would see the others one step late.
func inOrder(t *testing.T, loaded map[string]*rules.Group) []*rules.Group {
	t.Helper()
	byName := map[string]*rules.Group{}
	for _, group := range loaded {
		byName[group.Name()] = group
	}
	var groups []*rules.Group
	for _, name := range order {
		if byName[name] == nil {
			t.Fatalf("there is no rule group %s", name)
		}
		groups = append(groups, byName[name])
		delete(byName, name)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		groups = append(groups, byName[name])
	}
	return groups
}

// ruleFiles returns copies of the shipped rules without annotations: making the
// texts at each evaluation takes longer than everything else, and texts_test.go
// looks at them.
func ruleFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../rules/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("rule files %v, %v", paths, err)
	}
	dir := t.TempDir()
	var copies []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Groups []struct {
				Name     string
				Interval string `yaml:",omitempty"`
				Rules    []yaml.MapSlice
			}
		}
		if err := yaml.UnmarshalStrict(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Groups {
			for i, rule := range group.Rules {
				group.Rules[i] = slices.DeleteFunc(rule, func(item yaml.MapItem) bool { return item.Key == "annotations" })
			}
		}
		short, err := yaml.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(path, short, 0o600); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, path)
	}
	return copies
}

// evaluate evaluates all rules once.
func (p *prometheus) evaluate(t *testing.T, at time.Time) {
	t.Helper()
	for _, group := range p.groups {
		if group.Name() == "empirical_graphs" && !p.graphs {
			continue
		}
		group.Eval(t.Context(), at)
		for _, rule := range group.Rules() {
			if err := rule.LastError(); err != nil {
				t.Fatalf("%s: %s: %v", at, rule.Name(), err)
			}
		}
	}
}

// firing returns the labels of the alerts that fire.
func (p *prometheus) firing() []labels.Labels {
	var all []labels.Labels
	for _, group := range p.groups {
		for _, rule := range group.AlertingRules() {
			for _, alert := range rule.ActiveAlerts() {
				if alert.State == rules.StateFiring {
					all = append(all, alert.Labels)
				}
			}
		}
	}
	return all
}

// reads reports whether a rule reads a metric.
func (p *prometheus) reads(name string) bool {
	return strings.HasPrefix(name, "empirical_") && p.read[name]
}
