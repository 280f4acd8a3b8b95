package collector_test

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

var soakTime = flag.Duration("soak", 4*time.Hour, "how long, by an injected clock, a living project is scraped")

// soakStep is the time between two scrapes.
const soakStep = 10 * time.Minute

// TestSoak scrapes a living project for some hours, or with -soak 720h for a month:
// every finished run must be counted once whatever fails meanwhile, memory and
// goroutines must level off, and no series may be left over.
func TestSoak(t *testing.T) {
	withoutLeaks(t, func(t *testing.T, byList bool) { newSoak(t, byList).run() })
}

type soak struct {
	*testbed
	life      *synth.Life
	rnd       *rand.Rand
	mend      func()
	left      int // scrapes for which the fault lasts
	increases *increases
	heap      []uint64 // at the end of each day
	routines  []int
}

func newSoak(t *testing.T, byList bool) *soak {
	t.Helper()
	s := &soak{
		testbed: newTestbed(t, setup{byList: byList, seconds: !byList, configure: func(c *collector.Config) {
			c.MaxGroups = 1000 // what folding moves between groups starts at 0 again
		}}),
		rnd: rand.New(rand.NewPCG(1, 1)), increases: newIncreases(),
	}
	start := s.clock.Now()
	s.life = synth.New(s.project.Project, start.Add(-8*day), synth.Options{Seed: 1, RunsPerDay: 150, Milliseconds: byList, SkippedInTotal: byList})
	s.life.Advance(start)
	s.start()
	return s
}

func (s *soak) run() {
	s.refresh()
	s.countFinished()
	before := s.finished()
	for end := s.clock.Now().Add(*soakTime); s.clock.Now().Before(end); {
		for range min(day, *soakTime) / soakStep {
			s.clock.advance(soakStep)
			s.life.Advance(s.clock.Now())
			s.fault()
			s.refresh()
			s.countFinished()
		}
		s.endOfDay()
	}
	for range 3 { // what was held back is shown
		s.clock.advance(soakStep)
		s.refresh()
		s.countFinished()
	}
	if got, want := s.increases.total, float64(s.finished()-before); got != want || want == 0 {
		s.Errorf("%v finished runs counted, %v finished", got, want)
	}
	s.wantLevel()
	s.wantNothingLeft()
	s.Logf("%v runs finished; heap at the end of days, in KiB: %v; goroutines: %v", s.increases.total, s.heap, s.routines)
}

// fault begins or ends one now and then; it may last longer than a snapshot is served.
func (s *soak) fault() {
	if s.left--; s.left == 0 {
		s.mend()
	}
	if s.left > 0 || s.rnd.IntN(20) != 0 {
		return
	}
	faults := []apitest.Fault{
		apitest.Status(500, "oops"), apitest.Status(401, "who"), apitest.Reset(), apitest.ShortenBody(300), apitest.TruncateBody(300),
		apitest.Body("text/html", []byte("<html>")), apitest.Shuffled(), apitest.NoPagination(), apitest.Duplicates(), apitest.TotalPages(1),
	}
	if s.left < 0 {
		s.left = 1 + s.rnd.IntN(6)
		s.mend = s.api.Inject(faults[s.rnd.IntN(len(faults))])
	}
}

// countFinished adds up by how much the counter of finished runs went up.
func (s *soak) countFinished() {
	s.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		s.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "empirical_finished_runs_total" {
			s.increases.add(family.GetMetric())
		}
	}
}

// endOfDay ends a fault, compares all with the oracle once a resync has
// brought late changes, and measures.
func (s *soak) endOfDay() {
	s.Helper()
	if s.left > 0 {
		s.mend()
	}
	s.left = 0
	s.clock.advance(s.config.ResyncInterval)
	s.wantAllSoon("at the end of a day")
	s.countFinished()
	s.api.ResetRequests()
	s.project.read = nil
	s.log.take()
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	s.heap = append(s.heap, memory.HeapAlloc>>10)
	s.routines = append(s.routines, runtime.NumGoroutine())
}

// wantLevel compares the last day with the tenth, when the lookback is full
// and runs have begun to leave it. The API's own runs grow meanwhile.
func (s *soak) wantLevel() {
	s.Helper()
	const first, spare = 10, 4 << 10 // days, KiB
	if len(s.heap) <= first {
		return
	}
	last := len(s.heap) - 1
	if s.heap[last] > s.heap[first]*3/2+spare {
		s.Errorf("the heap grows: %v KiB", s.heap)
	}
	if s.routines[last] > s.routines[first]+5 {
		s.Errorf("goroutines grow: %v", s.routines)
	}
}

// wantNothingLeft lets the lookback pass without new runs.
func (s *soak) wantNothingLeft() {
	s.Helper()
	s.clock.advance(s.config.Lookback + day)
	s.scrape()
	for series := range s.shown {
		if strings.Contains(series, "{branch=") {
			s.Fatalf("left over: %s", series)
		}
	}
}

func (s *soak) finished() (n int) {
	for _, r := range s.project.Runs() {
		if outcomeOf(r) != "" {
			n++
		}
	}
	return n
}

// increases add up the increases of counters as they are seen. A series that
// comes back has another created timestamp, and counts from 0.
type increases struct {
	last  map[string]*dto.Counter
	total float64
}

func newIncreases() *increases { return &increases{last: map[string]*dto.Counter{}} }

func (i *increases) add(counters []*dto.Metric) {
	for _, m := range counters {
		series, now := strings.Join(labelsOf(m), "\x00"), m.GetCounter()
		before := i.last[series]
		i.total += now.GetValue()
		if before != nil && before.GetCreatedTimestamp().AsTime().Equal(now.GetCreatedTimestamp().AsTime()) {
			i.total -= before.GetValue()
		}
		i.last[series] = now
	}
}
