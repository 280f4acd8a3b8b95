// Package victoria tests the rules with the code of vmalert and of VictoriaMetrics:
// the scenarios are promtool's, and so are the alerts that are expected.
package victoria

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/config"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/notifier"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/rule"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestRules checks each scenario as promtool does.
func TestRules(t *testing.T) {
	forEach(t, func(t *testing.T, f *file, s *scenario, rules []config.Rule) {
		s.run(t, inOrder(s.needed(rules)), time.Duration(f.Interval))
	})
}

// TestRules_Late goes through the scenarios of some hours without alerts as vmalert does,
// which sees what a rule has recorded only at the next evaluation: nothing may fire meanwhile.
func TestRules_Late(t *testing.T) {
	forEach(t, func(t *testing.T, _ *file, s *scenario, rules []config.Rule) {
		if s.silent() && s.end() <= 4*time.Hour {
			s.run(t, [][]config.Rule{s.needed(rules)}, time.Minute)
		}
	})
}

// forEach goes through all scenarios.
func forEach(t *testing.T, do func(*testing.T, *file, *scenario, []config.Rule)) {
	t.Helper()
	paths, err := filepath.Glob("../tests/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no tests (%v)", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			f, err := readFile(path)
			if err != nil {
				t.Fatal(err)
			}
			rules := f.rules(t)
			for i := range f.Tests {
				t.Run(f.Tests[i].Name, func(t *testing.T) { do(t, f, &f.Tests[i], rules) })
			}
		})
	}
}

// run goes through a scenario. What a set of rules has recorded is there for the next one.
func (s *scenario) run(t *testing.T, sets [][]config.Rule, interval time.Duration) {
	t.Helper()
	store := startStorage(t)
	var err error
	if store.pending, err = s.series(); err != nil {
		t.Fatal(err)
	}
	if err := store.flush(); err != nil {
		t.Fatal(err)
	}
	groups := store.start(sets, interval)
	for after := time.Duration(0); after <= s.end(); after += interval {
		for _, group := range groups {
			for err := range group.ExecOnce(t.Context(), store, s.Start.Add(after)) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := store.flush(); err != nil {
				t.Fatal(err)
			}
		}
		s.checkAlerts(t, groups, after, after+interval)
	}
	s.checkQueries(t, store)
}

// checkAlerts checks the alerts that are expected from a time until before another.
func (s *scenario) checkAlerts(t *testing.T, groups []*rule.Group, from, until time.Duration) {
	t.Helper()
	for _, check := range s.Alerts {
		if at := time.Duration(check.At); at < from || at >= until {
			continue
		}
		var want []map[string]string
		for _, alert := range check.Expected {
			labels := maps.Clone(alert.Labels)
			labels["alertname"] = check.Alert
			want = append(want, labels)
		}
		if diff := cmp.Diff(want, firing(groups, check.Alert), anyOrder); diff != "" {
			t.Errorf("%s at %s (-want +got):\n%s", check.Alert, check.At, diff)
		}
	}
}

var anyOrder = cmpopts.SortSlices(func(a, b map[string]string) bool { return text(a) < text(b) })

// firing returns the labels of the alerts of a name that fire.
func firing(groups []*rule.Group, name string) []map[string]string {
	var all []map[string]string
	for _, group := range groups {
		for _, one := range group.Rules {
			alerting, is := one.(*rule.AlertingRule)
			if !is || alerting.Name != name {
				continue
			}
			for _, alert := range alerting.GetAlerts() {
				if alert.State == notifier.StateFiring {
					all = append(all, alert.Labels)
				}
			}
		}
	}
	return all
}

// checkQueries checks what has been recorded.
func (s *scenario) checkQueries(t *testing.T, store *storage) {
	t.Helper()
	for _, check := range s.Queries {
		want, got := map[string]float64{}, map[string]float64{}
		for _, sample := range check.Expected {
			labels, err := parseLabels(sample.Labels)
			if err != nil {
				t.Fatal(err)
			}
			want[text(byName(labels))] = sample.Value
		}
		answer, _, err := store.Query(t.Context(), check.Expr, s.Start.Add(time.Duration(check.At)))
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range answer.Data {
			got[text(byName(metric.Labels))] = metric.Values[0]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s at %s (-want +got):\n%s", check.Expr, check.At, diff)
		}
	}
}

// silent reports whether a scenario expects that nothing ever fires.
func (s *scenario) silent() bool {
	return len(s.Alerts) > 0 && !slices.ContainsFunc(s.Alerts, func(check alertCheck) bool { return len(check.Expected) > 0 })
}
