package collector_test

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// naive says what the run gauges must be, from the list of all runs and the
// definitions of the metrics alone: it reads everything, every time, and goes
// over it once for each figure. It shares no code with the collector.
type naive struct {
	project   string
	runs      []apitest.Run
	readAt    time.Time // when the runs were read
	now       time.Time // of the scrape
	stateless bool      // items carry no state
	config    collector.Config
}

// pair is what makes a group, apart from the project.
type pair struct{ branch, environment string }

// exposition returns the run gauges of all groups.
func (n naive) exposition() exposition {
	out := exposition{}
	own, folded := n.groups()
	for p, runs := range own {
		n.nowAndRecently(out, p, runs)
		n.lastRun(out, p, runs)
	}
	for p, runs := range folded {
		n.nowAndRecently(out, p, runs)
	}
	return out
}

// groups returns the runs of the groups that have series of their own, and
// those of the groups that are counted under "other".
func (n naive) groups() (own, folded map[pair][]apitest.Run) {
	own, folded = map[pair][]apitest.Run{}, map[pair][]apitest.Run{}
	for p, runs := range n.pairs() {
		if p.branch != "other" && n.config.Branches.MatchString(p.branch) {
			own[p] = runs
		} else {
			p.branch = "other"
			folded[p] = append(folded[p], runs...)
		}
	}
	for len(own) > n.config.MaxGroups {
		least := leastOf(own)
		into := pair{"other", least.environment}
		folded[into] = append(folded[into], own[least]...)
		delete(own, least)
	}
	return own, folded
}

// leastOf returns the group with the fewest runs and of several the one whose
// newest run is oldest.
func leastOf(groups map[pair][]apitest.Run) pair {
	var least pair
	var fewest []apitest.Run
	for p, runs := range groups {
		if fewest == nil || len(runs) < len(fewest) ||
			(len(runs) == len(fewest) && newer(*newest(fewest), *newest(runs))) {
			least, fewest = p, runs
		}
	}
	return least
}

// foldedPairs counts the pairs that have no series of their own.
func (n naive) foldedPairs() int {
	own, _ := n.groups()
	return len(n.pairs()) - len(own)
}

// pairs returns the runs that count, by branch and environment.
func (n naive) pairs() map[pair][]apitest.Run {
	all := map[pair][]apitest.Run{}
	for _, r := range n.counting() {
		p := pair{text(r.Branch), text(r.EnvironmentSlug)}
		all[p] = append(all[p], r)
	}
	return all
}

// counting returns the runs of the lookback that can be seen and trusted.
func (n naive) counting() []apitest.Run {
	return where(n.runs, func(r apitest.Run) bool {
		trusted := !r.CreatedAt.After(n.readAt.Add(24 * time.Hour))
		visible := !n.stateless || stateOf(r) != "unknown"
		return trusted && visible && n.within(r, n.config.Lookback)
	})
}

func (n naive) within(r apitest.Run, span time.Duration) bool {
	return r.CreatedAt.After(n.now.Add(-span))
}

var sevenStates = []string{"pending", "queued", "started", "cancelling", "cancelled", "error", "ended"}

var activeStates = []string{"pending", "queued", "started", "cancelling"}

func stateOf(r apitest.Run) string {
	if slices.Contains(sevenStates, r.State) {
		return r.State
	}
	return "unknown"
}

// outcomeOf returns "" for a run that has none.
func outcomeOf(r apitest.Run) string {
	failures := number(r.FailedCount)
	if r.FailedCountAfterSnoozing != nil {
		failures = *r.FailedCountAfterSnoozing
	}
	switch r.State {
	case "ended":
		if failures > 0 {
			return "failed"
		}
		return "passed"
	case "error", "cancelled":
		return r.State
	default:
		return ""
	}
}

func completed(r apitest.Run) bool {
	return slices.Contains([]string{"passed", "failed", "error"}, outcomeOf(r))
}

var wellFormedCode = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,63}\z`)

// codeOf returns the error code of an errored run, "" for the others. That only
// 20 undocumented codes are shown is tested elsewhere.
func (n naive) codeOf(r apitest.Run) string {
	switch {
	case r.State != "error":
		return ""
	case n.stateless || !wellFormedCode.MatchString(text(r.ErrorCode)):
		return "unknown"
	default:
		return *r.ErrorCode
	}
}

func (n naive) snoozed(r apitest.Run) int64 {
	if n.stateless || r.FailedCountAfterSnoozing == nil {
		return 0
	}
	return number(r.FailedCount) - *r.FailedCountAfterSnoozing
}

func newer(a, b apitest.Run) bool {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) > 0
}

// newest returns nil where there is none.
func newest(runs []apitest.Run) *apitest.Run {
	var best *apitest.Run
	for i := range runs {
		if best == nil || newer(runs[i], *best) {
			best = &runs[i]
		}
	}
	return best
}

func where(runs []apitest.Run, keep func(apitest.Run) bool) []apitest.Run {
	var kept []apitest.Run
	for _, r := range runs {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// seconds is a moment as the float64 nearest to it; the API tells milliseconds.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
