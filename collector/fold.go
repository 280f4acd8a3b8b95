package collector

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// otherBranch is the branch under which folded groups are counted.
const otherBranch = "other"

// maxCodes is the most undocumented error codes of a key that become label values.
const maxCodes = 20

// view is a history as of one moment: what a scrape shows.
type view struct {
	groups []*group
	places map[unique.Handle[place]]*group
	codes  map[string]bool // undocumented error codes that are shown as they are
	runs   int             // in the lookback
	folded int             // places that are counted under otherBranch
}

// tally is what decides whether a place is folded.
type tally struct {
	place  unique.Handle[place]
	runs   int
	newest *run
}

// fold sorts the runs of the lookback into groups and computes their figures.
func (h *history) fold(now time.Time) *view {
	v := &view{places: map[unique.Handle[place]]*group{}, codes: map[string]bool{}}
	since := h.cutoff(now)
	tallies, codes := h.tally(since)
	for _, t := range tallies {
		v.runs += t.runs
	}
	v.admit(codes)
	v.sortIn(tallies, h.config)
	spans := make([]int64, len(h.config.Windows))
	for i, w := range h.config.Windows {
		spans[i] = now.Add(-w.Length).UnixNano()
	}
	for r := range h.runs.each() {
		if r.created > since {
			v.places[r.place].add(r, spans, v)
		}
	}
	for r := range h.runs.each() {
		if r.created > since {
			v.places[r.place].addToStreak(r)
		}
	}
	for _, g := range v.groups {
		g.settle()
	}
	return v
}

// tally counts the runs of the lookback by place, and the undocumented error codes.
func (h *history) tally(since int64) ([]*tally, map[string]int) {
	tallies := map[unique.Handle[place]]*tally{}
	codes := map[string]int{}
	for r := range h.runs.each() {
		if r.created <= since {
			continue
		}
		t := tallies[r.place]
		if t == nil {
			t = &tally{place: r.place}
			tallies[r.place] = t
		}
		t.runs++
		keepNewer(&t.newest, r)
		if r.outcome == errorRun && !documented(r.code.Value()) {
			codes[r.code.Value()]++
		}
	}
	all := make([]*tally, 0, len(tallies))
	for _, t := range tallies {
		all = append(all, t)
	}
	return all, codes
}

// admit lets the most frequent undocumented codes become label values.
func (v *view) admit(codes map[string]int) {
	names := make([]string, 0, len(codes))
	for name := range codes {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(codes[b], codes[a]), strings.Compare(a, b))
	})
	for _, name := range names[:min(maxCodes, len(names))] {
		v.codes[name] = true
	}
}

// code returns the label value of an error code.
func (v *view) code(of string) string {
	if of == "" || documented(of) || v.codes[of] {
		return of
	}
	return unknownCode
}

// sortIn gives every place its group: its own, or that of all others in its environment.
func (v *view) sortIn(tallies []*tally, config Config) {
	var own []*tally
	others := map[string]*group{}
	fold := func(t *tally) {
		environment := t.place.Value().environment
		if others[environment] == nil {
			others[environment] = v.newGroup(place{otherBranch, environment}, true, len(config.Windows))
		}
		v.places[t.place] = others[environment]
		v.folded++
	}
	for _, t := range tallies {
		if branch := t.place.Value().branch; branch == otherBranch || !config.Branches.MatchString(branch) {
			fold(t)
			continue
		}
		own = append(own, t)
	}
	slices.SortFunc(own, compareTallies)
	for i, t := range own {
		if i >= config.MaxGroups {
			fold(t)
			continue
		}
		v.places[t.place] = v.newGroup(t.place.Value(), false, len(config.Windows))
	}
}

// compareTallies puts the places first that keep groups of their own: those
// with the most runs, then those with the newest.
func compareTallies(a, b *tally) int {
	if c := cmp.Compare(b.runs, a.runs); c != 0 {
		return c
	}
	switch {
	case a.newest.newer(b.newest):
		return -1
	case b.newest.newer(a.newest):
		return 1
	default:
		return 0
	}
}

func (v *view) newGroup(p place, folded bool, windows int) *group {
	g := &group{place: p, folded: folded, windows: make([]figures, windows)}
	v.groups = append(v.groups, g)
	return g
}

func documented(code string) bool {
	return code == unknownCode || slices.Contains(apiclient.ErrorCodes(), apiclient.ErrorCode(code))
}
