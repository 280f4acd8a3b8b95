package collector_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the seed of the first random history")
	histories = flag.Uint64("histories", 1000, "how many random histories to live through")
)

// TestRandomHistories lets projects live random lives and compares what is
// scraped on the way with the naive view of the same runs, for both kinds of
// items. To repeat one: go test ./collector -run RandomHistories -histories 1 -seed N.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	t.Logf("seeds %d to %d", *firstSeed, *firstSeed+*histories-1)
	next := make(chan uint64)
	go func() {
		defer close(next)
		for seed := range *histories {
			next <- *firstSeed + seed
		}
	}()
	for range runtime.GOMAXPROCS(0) {
		t.Run("worker", func(t *testing.T) {
			t.Parallel()
			for seed := range next {
				t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
					newRandomHistory(t, rand.New(rand.NewPCG(seed, 0))).live()
				})
			}
		})
	}
}

type randomHistory struct {
	t      *testing.T
	rnd    *rand.Rand
	clock  *testClock
	life   *life
	stages []*stage // with state and without
	counts []*counted
	moved  bool // a refresh has not seen at once all that there was
	faulty bool // the API makes mistakes that must not matter
}

func newRandomHistory(t *testing.T, rnd *rand.Rand) *randomHistory {
	t.Helper()
	h := &randomHistory{t: t, rnd: rnd, clock: newTestClock()}
	h.life = newLife(rnd, h.clock)
	config := randomConfig(rnd)
	if h.life.calm {
		config.MaxGroups, config.Branches, config.ResyncInterval = 200, testConfig().Branches, 1000*day
	}
	for _, stateless := range []bool{false, true} {
		s := newStage(t, h.clock, stateless, config)
		h.stages = append(h.stages, s)
		h.counts = append(h.counts, newCounted())
		h.life.projects = append(h.life.projects, s.project)
	}
	return h
}

func randomConfig(rnd *rand.Rand) collector.Config {
	config := testConfig()
	config.ZeroHold = 0
	if rnd.IntN(2) == 0 {
		config.Lookback = 36*time.Hour + 30*time.Minute
		config.Windows = []collector.Window{{Name: "90m", Length: 90 * time.Minute}}
	}
	config.MaxGroups = []int{200, 200, 2, 1}[rnd.IntN(4)]
	if rnd.IntN(3) == 0 {
		config.Branches = regexp.MustCompile(`^(?s:main|odd.*)$`)
	}
	return config
}

// live lets things happen between scrapes.
func (h *randomHistory) live() {
	events := 5 + h.rnd.IntN(25)
	if !h.life.calm && h.rnd.IntN(70) == 0 {
		events = 150 + h.rnd.IntN(300)
	}
	for range events {
		h.life.happen()
		h.clock.advance(h.life.upTo(8 * day / time.Duration(events)))
	}
	for _, s := range h.stages {
		s.start()
	}
	h.life.stale = false // all is read at first
	for scrape := range 2 + h.rnd.IntN(5) {
		when := fmt.Sprintf("scrape %d", scrape)
		h.scrape(when)
		h.clock.advance(h.life.upTo([]time.Duration{time.Minute, time.Minute, 10 * time.Minute, 3 * time.Hour, 2 * day}[h.rnd.IntN(5)]))
		if h.rnd.IntN(10) == 0 {
			h.fail(when)
		}
		for range h.rnd.IntN(8) {
			h.life.happen()
			h.clock.advance(h.life.upTo(time.Minute))
		}
	}
}

func (h *randomHistory) scrape(when string) {
	if h.faulty {
		defer h.disturb()()
	}
	if h.rnd.IntN(20) == 0 {
		for _, s := range h.stages {
			s.server.InjectN(1, apitest.Status(500, "try again"))
		}
	}
	if h.life.stale {
		h.clock.advance(testConfig().ResyncInterval)
	}
	for _, s := range h.stages {
		if h.life.stale {
			s.mustBecomeRight(when)
		} else {
			s.mustBeRight(when)
		}
	}
	h.moved = h.moved || h.life.stale || h.life.deep()
	h.life.stale = false
	h.compareKinds(when)
	h.compareCounters(when)
}

// compareCounters holds the counters against a naive count, in calm histories:
// where folding moves groups, or a resync sees runs between two scrapes, that
// would have to know when the exporter saw what.
func (h *randomHistory) compareCounters(when string) {
	h.t.Helper()
	if !h.life.calm {
		return
	}
	for i, s := range h.stages {
		h.counts[i].refreshed(s.truth())
		_, others := s.gather() // the second scrape of a new group lets its counts go
		want := h.counts[i].exposition(s.truth())
		if wrong := diff(others.only("empirical_finished_runs_total", "empirical_tests_total"), want); wrong != "" {
			h.t.Fatalf("%s, counters, stateless %v:\n%s", when, s.stateless, wrong)
		}
	}
}

// fail lets a refresh fail right after one that worked, so that it does not
// matter whether a resync is still under way: what was read is shown as of now.
func (h *randomHistory) fail(when string) {
	h.t.Helper()
	for i, s := range h.stages {
		read, readAt := s.read, s.readAt
		mend := s.server.Inject(apitest.Status(403, "not now"))
		s.refresh()
		mend()
		s.read, s.readAt = read, readAt
		if s.clock.Now().Sub(readAt) > s.config.MaxStaleness {
			if got, _ := s.gather(); len(got) > 0 {
				h.t.Fatalf("%s: %d run gauges of a snapshot that is too old", when, len(got))
			}
		} else if wrong := s.wrong(); wrong != "" {
			h.t.Fatalf("%s, after a refresh that failed, stateless %v:\n%s", when, s.stateless, wrong)
		} else {
			h.counts[i].served(s.truth())
		}
	}
}

// compareKinds compares the two expositions directly. Only items can carry
// error codes, snoozed counts, and states that no list is for.
func (h *randomHistory) compareKinds(when string) {
	h.t.Helper()
	if h.life.oddities {
		return
	}
	with, without := withoutItemsOwn(h.stages[0].shown), withoutItemsOwn(h.stages[1].shown)
	if wrong := diff(with, without); wrong != "" {
		h.t.Fatalf("%s: items with state (got) and without (want) differ:\n%s", when, wrong)
	}
}

var errorCodeLabel = regexp.MustCompile(`error_code="[^"]+"`)

// withoutItemsOwn takes off what only items that carry their state can tell.
func withoutItemsOwn(from exposition) exposition {
	kept := exposition{}
	for series, value := range from {
		switch {
		case strings.Contains(series, "_snoozed_failed_tests{"), strings.HasPrefix(series, "empirical_recent_run_errors{"):
			continue
		case !strings.HasPrefix(series, "empirical_last_completed_run_info{"):
			kept[series] = value
		default:
			kept[errorCodeLabel.ReplaceAllString(series, `error_code="*"`)] = value
		}
	}
	return kept
}
