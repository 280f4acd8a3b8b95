package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"unique"
)

// Runs come, change, move to another group and go; the groups are as if they had
// been made anew, and each change to a group shows in its version.
func TestStore_Groups(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s, held := newStore(), map[int64]Run{}
	versions := map[GroupKey]map[uint64]string{} // by version what a group had
	for step := range 20_000 {
		id := 1 + rnd.Int64N(300)
		switch rnd.IntN(5) {
		case 0:
			s.remove(id)
			delete(held, id)
		default:
			r := Run{
				ID: id, Created: rnd.Int64N(50), State: State(rnd.IntN(3)),
				Group: unique.Make(GroupKey{Branch: strconv.Itoa(rnd.IntN(5))}),
			}
			s.put(r)
			held[id] = r
		}
		if rnd.IntN(20) == 0 {
			wantGroups(t, s, held, versions)
		}
		if step%5_000 == 0 {
			s.shrink()
		}
	}
}

func wantGroups(t *testing.T, s *store, held map[int64]Run, versions map[GroupKey]map[uint64]string) {
	t.Helper()
	want := map[GroupKey][]Run{}
	for _, r := range held {
		want[r.Group.Value()] = append(want[r.Group.Value()], r)
	}
	for g := range (&View{runs: s}).Groups() {
		key := g.Key().Value()
		slices.SortFunc(want[key], func(a, b Run) int {
			return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
		})
		var got []Run
		for i := range g.Len() {
			got = append(got, *g.Run(i))
		}
		if !slices.Equal(got, want[key]) {
			t.Fatalf("%v: got %v, want %v", key, got, want[key])
		}
		const moment = 25
		if i := g.After(moment); i > 0 && got[i-1].Created > moment || i < len(got) && got[i].Created <= moment {
			t.Fatalf("%v: run %d is not the first after %d of %v", key, i, moment, got)
		}
		if versions[key] == nil {
			versions[key] = map[uint64]string{}
		}
		now := fmt.Sprint(got)
		if before, met := versions[key][g.Version()]; met && before != now {
			t.Fatalf("%v: version %d is of\n%s and of\n%s", key, g.Version(), before, now)
		}
		versions[key][g.Version()] = now
		delete(want, key)
	}
	if len(want) > 0 {
		t.Fatalf("no groups for %v", want)
	}
}

// A refresh meets many runs that it held: those make no group another one.
func TestStore_SameRunKeepsVersion(t *testing.T) {
	s := newStore()
	s.put(testRun(1))
	before := s.version
	s.put(testRun(1))
	if s.version != before {
		t.Error("a run that is as it was makes another version")
	}
}

// The runs of another reading come in place of those that were held.
func TestStore_Follow(t *testing.T) {
	before, after := newStore(), newStore()
	for id := range int64(10) {
		before.put(testRun(id))
	}
	after.put(testRun(1))
	after.follow(before)
	for g := range (&View{runs: after}).Groups() {
		if g.Version() <= before.version || g.Version() > after.version {
			t.Errorf("version %d in %d, after %d", g.Version(), after.version, before.version)
		}
	}
}
