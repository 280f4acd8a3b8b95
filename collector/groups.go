package collector

import (
	"cmp"
	"slices"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// otherBranch is the branch under which folded groups are counted.
const otherBranch = "other"

// groups are the runs of one history by group, as of one moment.
type groups struct {
	all    []*group // by branch and environment
	codes  shownCodes
	unit   history.Unit // of durations
	runs   int          // in the lookback
	folded int          // group keys that are counted under otherBranch
	at     int64        // the moment, in nanoseconds since 1970

	members map[unique.Handle[history.GroupKey]]*member // as they are now, which may be later
}

// of returns the group that counts the runs of a group key, nil where there is
// none. It is valid before the next update.
func (g *groups) of(key unique.Handle[history.GroupKey]) *group {
	if m := g.members[key]; m != nil && m.in != nil {
		return m.in.group
	}
	return nil
}

// assign gives every member its group: one of its own, or the one of all folded
// branches in its environment.
func (f *folding) assign() {
	for _, k := range f.kept {
		k.members = k.members[:0]
	}
	var own []*member
	for _, m := range f.members {
		switch {
		case m.count == 0:
			m.moveTo(nil)
		case m.matches:
			own = append(own, m)
		default:
			m.moveTo(f.other(m.key.Environment))
		}
	}
	if len(own) > f.config.MaxGroups {
		slices.SortFunc(own, compareMembers)
	}
	for i, m := range own {
		if i < f.config.MaxGroups {
			m.moveTo(f.keep(m.key, false))
		} else {
			m.moveTo(f.other(m.key.Environment))
		}
	}
	for key, k := range f.kept {
		if len(k.members) == 0 {
			delete(f.kept, key)
		}
	}
}

// compareMembers puts those first that keep groups of their own: those of branches
// that are to be kept, then those with the most runs, then those with the newest.
func compareMembers(a, b *member) int {
	if a.keep != b.keep {
		if a.keep {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.count, a.count), b.newest.compare(a.newest))
}

func (f *folding) other(environment string) *keptGroup {
	return f.keep(history.GroupKey{Branch: otherBranch, Environment: environment}, true)
}

func (f *folding) keep(key history.GroupKey, folded bool) *keptGroup {
	k := f.kept[key]
	if k == nil {
		k = &keptGroup{key: key, folded: folded}
		f.kept[key] = k
	}
	return k
}

// moveTo moves the runs of a member to a group, or to none.
func (m *member) moveTo(k *keptGroup) {
	if m.in != k {
		if m.in != nil {
			m.in.changed = true
		}
		if k != nil {
			k.changed = true
		}
		m.in = k
	}
	if k != nil {
		k.members = append(k.members, m)
	}
}
