package history

import (
	"runtime"
	"testing"
	"unique"
)

func heap() int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func testRun(id int64) Run {
	return Run{ID: id, Group: unique.Make(GroupKey{"main", "staging"}), State: State(id % int64(States))}
}

func TestStore(t *testing.T) {
	s := newStore()
	const n = 3*blockSize + 7
	for id := range int64(n) {
		s.put(testRun(id))
	}
	for id := range int64(n) {
		if id%3 != 0 {
			s.remove(id)
			s.remove(id) // which is no longer there
		}
	}
	seen := map[int64]bool{}
	for r := range s.all() {
		seen[r.ID] = true
	}
	for id := range int64(n) {
		held, active := s.get(id), id%3 == 0 && State(id%int64(States)).Active()
		if _, listed := s.active[id]; (held != nil) != (id%3 == 0) || seen[id] != (held != nil) || listed != active || (held != nil && held.ID != id) {
			t.Fatalf("run %d: held %v, seen %v, among the active %v", id, held, seen[id], listed)
		}
	}
}

// A history that was large once must not stay so.
func TestStore_GivesMemoryBack(t *testing.T) {
	before := heap()
	s := newStore()
	const n = 200_000
	for id := range int64(n) {
		s.put(testRun(id))
	}
	full := heap() - before
	for id := range int64(n - 1000) {
		s.remove(id)
	}
	if left := heap() - before; left > full/20 {
		t.Errorf("%d KiB for 1,000 runs, after %d KiB for %d", left>>10, full>>10, n)
	}
	runtime.KeepAlive(s)
}
