package collector

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// folding turns the runs of one history into groups, at one moment after the
// other, and computes anew only what has changed since the moment before: at
// most scrapes that is little, however many runs there are. It is not safe for
// concurrent use.
type folding struct {
	config  Config
	members map[unique.Handle[history.GroupKey]]*member
	kept    map[history.GroupKey]*keptGroup
	times   times // of the window that is computed

	groups  *groups // of the last moment; nil before the first
	version uint64  // of the history then
	holds   span    // how long the groups are right where the history stays as it is
	round   uint64  // counts updates
	resized bool    // a member has come or gone, or may be folded now, or no longer
	recoded bool    // a member has other error codes
}

// member is the runs of one group key.
type member struct {
	key     history.GroupKey
	matches bool // the branch may have series of its own
	keep    bool // it is folded after all that are not to be kept
	runs    *history.Group
	round   uint64     // of the last update that met it
	in      *keptGroup // where its runs are counted; nil where none lies in the lookback

	// As of the last change to the runs, or to which of them lie in the lookback.
	version uint64
	holds   span
	first   int // position of the first run in the lookback
	count   int // runs in the lookback
	newest  age
	codes   map[string]int // errored runs of the lookback by undocumented code
}

// age puts runs in the order of history.Run.Newer.
type age struct{ created, id int64 }

func (a age) compare(b age) int {
	return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id))
}

// keptGroup is a group between two updates.
type keptGroup struct {
	key     history.GroupKey
	folded  bool
	members []*member
	changed bool // since the group was computed
	group   *group
	holds   span
}

func newFolding(config *Config) *folding {
	return &folding{
		config:  *config,
		members: map[unique.Handle[history.GroupKey]]*member{},
		kept:    map[history.GroupKey]*keptGroup{},
	}
}

// update returns the groups of the runs as of now. Where nothing has changed
// since the last update, they are the same.
func (f *folding) update(view *history.View, config *Config, now time.Time) *groups {
	if f.config.Branches != config.Branches || f.config.KeepBranches != config.KeepBranches || f.config.MaxGroups != config.MaxGroups {
		*f = *newFolding(config)
	}
	at := now.UnixNano()
	if f.groups != nil && f.version == view.Version() && f.holds.contain(at) && f.groups.unit == view.Format.Unit {
		return f.groups
	}
	f.version, f.holds = view.Version(), always
	f.meet(view, at)
	if f.resized {
		f.assign()
	}
	f.compute(view.Format.Unit, at)
	f.resized, f.recoded = false, false
	return f.groups
}

// meet brings the members up to date.
func (f *folding) meet(view *history.View, at int64) {
	f.round++
	for g := range view.Groups() {
		m := f.members[g.Key()]
		if m == nil {
			m = f.newMember(g.Key())
		}
		m.runs, m.round = g, f.round
		if m.version != g.Version() || !m.holds.contain(at) {
			f.look(m, at)
		}
		f.holds = f.holds.and(m.holds)
	}
	for key, m := range f.members {
		if m.round != f.round {
			f.drop(key, m)
		}
	}
}

func (f *folding) newMember(key unique.Handle[history.GroupKey]) *member {
	m := &member{key: key.Value()}
	m.matches = m.key.Branch != otherBranch && f.config.Branches.MatchString(m.key.Branch)
	m.keep = f.config.KeepBranches.MatchString(m.key.Branch)
	f.members[key] = m
	return m
}

// look takes from a member's runs what is needed of every member.
func (f *folding) look(m *member, at int64) {
	before := *m
	m.version, m.holds = m.runs.Version(), always
	m.first = m.holds.narrow(m.runs, at, f.config.Lookback)
	m.count = m.runs.Len() - m.first
	newest := m.runs.Run(m.runs.Len() - 1)
	m.newest = age{newest.Created, newest.ID}
	m.codes = m.undocumentedCodes()
	if m.in != nil {
		m.in.changed = true
	}
	f.resized = f.resized || m.count != before.count || m.newest != before.newest
	f.recoded = f.recoded || !maps.Equal(m.codes, before.codes)
}

func (m *member) undocumentedCodes() map[string]int {
	var codes map[string]int
	for r := range m.lookback() {
		if r.Outcome != history.OutcomeError || documented(r.Code.Value()) {
			continue
		}
		if codes == nil {
			codes = map[string]int{}
		}
		codes[r.Code.Value()]++
	}
	return codes
}

func (f *folding) drop(key unique.Handle[history.GroupKey], m *member) {
	delete(f.members, key)
	f.resized = true
	f.recoded = f.recoded || len(m.codes) > 0
	if m.in != nil {
		m.in.changed = true
	}
}

// compute computes the groups that have changed, and leaves the others.
func (f *folding) compute(unit history.Unit, at int64) {
	now := &groups{unit: unit, members: f.members, at: at}
	var before groups
	if f.groups != nil {
		before = *f.groups
	}
	now.codes = before.codes
	if f.recoded || now.codes == nil {
		now.codes = mostFrequent(f.undocumentedCodes())
	}
	all := before.unit != unit || !maps.Equal(now.codes, before.codes)
	for _, m := range f.members {
		if m.in != nil {
			now.runs += m.count
			if m.in.folded {
				now.folded++
			}
		}
	}
	for _, k := range f.kept {
		if all || k.changed || !k.holds.contain(at) {
			k.group, k.holds = f.newGroup(k, now)
			k.changed = false
		}
		f.holds = f.holds.and(k.holds)
		now.all = append(now.all, k.group)
	}
	slices.SortFunc(now.all, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.key.Branch, b.key.Branch), strings.Compare(a.key.Environment, b.key.Environment))
	})
	f.groups = now
}

func (f *folding) undocumentedCodes() map[string]int {
	codes := map[string]int{}
	for _, m := range f.members {
		for code, runs := range m.codes {
			codes[code] += runs
		}
	}
	return codes
}
