package budget

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

// seriesPerProject is how many series the rules may record of a project with four
// watched groups.
const seriesPerProject = 1000

// TestCost logs what the rules cost with 1 and with 50 projects of 56 groups each, 4
// of them watched: what README.md says. It fails where they record more series.
func TestCost(t *testing.T) {
	var recorded []uint64
	for _, n := range []int{1, 50} {
		w := newLargeWorld(t, n)
		w.prometheus.graphs = true
		cost := measure(t, w, 5)
		recorded = append(recorded, cost.series)
		t.Logf("%d projects: %d series read, %d recorded, %v of CPU time for an evaluation of all rules", n, len(w.series), cost.series, cost.cpu)
		for _, line := range cost.rules[:12] {
			t.Log(line)
		}
	}
	if each := (recorded[1] - recorded[0]) / 49; each > seriesPerProject {
		t.Errorf("the rules record %d series of a project, want %d at most", each, seriesPerProject)
	}
}

func newLargeWorld(t *testing.T, n int) *world {
	t.Helper()
	var projects []project
	for i := range n {
		projects = append(projects, project{name: fmt.Sprintf("shop-%d", i), past: synth.Bulk(uint64(i+1), 2_400, 56, monday.Add(-lookback), monday)})
	}
	return newWorld(t, monday, projects...)
}

// cost is what an evaluation costs.
type cost struct {
	series uint64 // that it records
	cpu    time.Duration
	rules  []string // the most expensive first
}

// measure evaluates all rules each minute, and returns the mean cost of the last times.
func measure(t *testing.T, w *world, times int) cost {
	t.Helper()
	const settle = 2
	var c cost
	took, names := map[string]time.Duration{}, []string(nil)
	for i := range settle + times {
		at := monday.Add(time.Duration(i) * time.Minute)
		w.advance(at)
		w.scrape(t)
		began := cpu(t)
		w.prometheus.evaluate(t, at)
		if i < settle {
			continue
		}
		c.cpu += (cpu(t) - began) / time.Duration(times)
		for _, group := range w.prometheus.groups {
			for _, rule := range group.Rules() {
				took[group.Name()+" "+rule.Name()+rule.Labels().String()] += rule.GetEvaluationDuration() / time.Duration(times)
			}
		}
	}
	for name := range took {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(took[b] - took[a]) })
	for _, name := range names {
		c.rules = append(c.rules, fmt.Sprintf("%10v %s", took[name].Round(time.Microsecond), name))
	}
	c.series = w.prometheus.db.Head().NumSeries() - uint64(len(w.series))
	return c
}

// cpu is the CPU time that this process has taken.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
