package collector

import (
	"cmp"
	"slices"
	"time"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// otherBranch is the branch under which folded groups are counted.
const otherBranch = "other"

// groups are the runs of one history by group, as of one moment.
type groups struct {
	all    []*group
	byKey  map[unique.Handle[history.GroupKey]]*group // by the key of the runs, folded ones too
	starts []int64                                    // where the windows begin
	codes  shownCodes
	unit   history.Unit // of durations
	runs   int          // in the lookback
	folded int          // group keys that are counted under otherBranch
}

// groupSize is what decides whether a group is folded.
type groupSize struct {
	key    unique.Handle[history.GroupKey]
	kept   bool // folded after all that are not
	runs   int
	newest *history.Run
}

// newGroups sorts the runs of a view into groups and computes the statistics
// of each.
func newGroups(view *history.View, config *Config, now time.Time) *groups {
	g := &groups{byKey: map[unique.Handle[history.GroupKey]]*group{}, unit: view.Format.Unit}
	sizes, codes := measure(view)
	for _, size := range sizes {
		g.runs += size.runs
	}
	g.codes = mostFrequent(codes)
	g.assign(sizes, config)
	for _, w := range config.Windows {
		g.starts = append(g.starts, now.Add(-w.Length).UnixNano())
	}
	for r := range view.Runs() {
		g.byKey[r.Group].add(r, g)
	}
	for r := range view.Runs() {
		g.byKey[r.Group].addToStreak(r)
	}
	for _, group := range g.all {
		group.finish()
	}
	return g
}

// measure counts runs by group key, and errored runs by undocumented code.
func measure(view *history.View) (sizes []*groupSize, codes map[string]int) {
	byKey := map[unique.Handle[history.GroupKey]]*groupSize{}
	codes = map[string]int{}
	for r := range view.Runs() {
		size := byKey[r.Group]
		if size == nil {
			size = &groupSize{key: r.Group}
			byKey[r.Group] = size
			sizes = append(sizes, size)
		}
		size.runs++
		keepNewer(&size.newest, r)
		if r.Outcome == history.OutcomeError && !documented(r.Code.Value()) {
			codes[r.Code.Value()]++
		}
	}
	return sizes, codes
}

// assign gives every group key its group: one of its own, or the one of all
// folded branches in its environment.
func (g *groups) assign(sizes []*groupSize, config *Config) {
	var own []*groupSize
	others := map[string]*group{}
	fold := func(size *groupSize) {
		environment := size.key.Value().Environment
		if others[environment] == nil {
			others[environment] = g.newGroup(history.GroupKey{Branch: otherBranch, Environment: environment}, config)
			others[environment].folded = true
		}
		g.byKey[size.key] = others[environment]
		g.folded++
	}
	for _, size := range sizes {
		if branch := size.key.Value().Branch; branch == otherBranch || !config.Branches.MatchString(branch) {
			fold(size)
			continue
		}
		size.kept = config.KeepBranches.MatchString(size.key.Value().Branch)
		own = append(own, size)
	}
	slices.SortFunc(own, compareSizes)
	for i, size := range own {
		if i >= config.MaxGroups {
			fold(size)
			continue
		}
		g.byKey[size.key] = g.newGroup(size.key.Value(), config)
	}
}

// compareSizes puts those first that keep groups of their own: those of branches
// that are to be kept, then those with the most runs, then those with the newest.
func compareSizes(a, b *groupSize) int {
	if a.kept != b.kept {
		if a.kept {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(b.runs, a.runs); c != 0 {
		return c
	}
	switch {
	case a.newest.Newer(b.newest):
		return -1
	case b.newest.Newer(a.newest):
		return 1
	default:
		return 0
	}
}

func (g *groups) newGroup(key history.GroupKey, config *Config) *group {
	group := &group{key: key, windows: make([]statistics, len(config.Windows))}
	g.all = append(g.all, group)
	return group
}
