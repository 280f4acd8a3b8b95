package victoria

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/config"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/notifier"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/rule"
)

// rules returns the rules that a file names, in the order of their groups.
func (f *file) rules(t *testing.T) []config.Rule {
	t.Helper()
	var patterns []string
	for _, pattern := range f.RuleFiles {
		patterns = append(patterns, filepath.Join("../tests", pattern))
	}
	groups, err := config.ParseSilent(patterns, notifier.ValidateTemplates, true)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(groups, func(a, b config.Group) int { return slices.Index(f.Order, a.Name) - slices.Index(f.Order, b.Name) })
	var all []config.Rule
	for _, group := range groups {
		all = append(all, group.Rules...)
	}
	return all
}

// start returns a group of vmalert for each set of rules.
func (s *storage) start(sets [][]config.Rule, interval time.Duration) []*rule.Group {
	var groups []*rule.Group
	for i, rules := range sets {
		group := rule.NewGroup(config.Group{
			Type: config.NewPrometheusType(), Name: fmt.Sprintf("set%d", i), Rules: rules, Concurrency: 2,
		}, s, interval, nil)
		group.Init()
		groups = append(groups, group)
	}
	return groups
}

// needed returns the rules without those on which no expectation of a scenario depends.
func (s *scenario) needed(rules []config.Rule) []config.Rule {
	wanted := map[string]bool{}
	for _, check := range s.Alerts {
		wanted[check.Alert] = true
	}
	for _, check := range s.Queries {
		for _, name := range word.FindAllString(check.Expr, -1) {
			wanted[name] = true
		}
	}
	for before := -1; before < len(wanted); {
		before = len(wanted)
		for _, one := range rules {
			if one.Alert != "" && wanted["ALERTS"] {
				wanted[one.Alert] = true
			}
			if wanted[one.Name()] {
				for _, name := range reads(one, rules) {
					wanted[name] = true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(rules), func(one config.Rule) bool { return !wanted[one.Name()] })
}

// inOrder returns rules in sets, one to be evaluated after the other: then each rule
// sees what the rules before it have just recorded, as in a group of Prometheus.
func inOrder(rules []config.Rule) [][]config.Rule {
	var sets [][]config.Rule
	written, old := map[string]int{}, map[string]int{} // the first set after a record, and the last that needs its old value
	for _, one := range rules {
		names := reads(one, rules)
		set := old[one.Record]
		for _, name := range names {
			set = max(set, written[name])
		}
		for _, name := range names {
			old[name] = max(old[name], set)
		}
		if one.Record != "" {
			written[one.Record] = max(written[one.Record], set+1)
		}
		if set == len(sets) {
			sets = append(sets, nil)
		}
		sets[set] = append(sets[set], one)
	}
	return sets
}

// word is a name of a series, or something else in an expression.
var word = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// reads returns which of the recorded series a rule reads, in its expression or in its
// texts. A word that ends with a colon begins a pattern of names.
func reads(one config.Rule, rules []config.Rule) []string {
	text := one.Expr + strings.Join(slices.Collect(maps.Values(one.Annotations)), " ")
	words := map[string]bool{}
	var beginnings []string
	for _, name := range word.FindAllString(text, -1) {
		words[name] = true
		if strings.HasSuffix(name, ":") {
			beginnings = append(beginnings, name)
		}
	}
	found := map[string]bool{}
	for _, other := range rules {
		begins := func(beginning string) bool { return strings.HasPrefix(other.Record, beginning) }
		if other.Record != "" && (words[other.Record] || slices.ContainsFunc(beginnings, begins)) {
			found[other.Record] = true
		}
	}
	return slices.Collect(maps.Keys(found))
}
