package collector_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the seed of the first random history")
	histories = flag.Uint64("histories", 100, "how many random histories to live through")
)

// TestRandomHistories lets projects live random lives and compares what is
// scraped on the way with the oracle, for both ways of reading.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	t.Logf("seeds %d to %d", *firstSeed, *firstSeed+*histories-1)
	var begun atomic.Uint64
	var brake brake
	for range runtime.GOMAXPROCS(0) {
		t.Run("worker", func(t *testing.T) {
			t.Parallel()
			for {
				n := begun.Add(1) - 1
				if n >= *histories {
					return
				}
				seed := *firstSeed + n
				if !brake.run(t, fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
					t.Cleanup(func() {
						if t.Failed() {
							t.Logf("to repeat it: go test ./collector -run '^TestRandomHistories$' -histories 1 -seed %d", seed)
						}
					})
					newRandomHistory(t, rand.New(rand.NewPCG(seed, 0))).live()
				}) {
					return
				}
			}
		})
	}
}

// FuzzHistory lets projects live lives that the fuzzer chooses, behind an API
// that makes mistakes, and compares each scrape with the oracle, for both ways
// of reading.
func FuzzHistory(f *testing.F) {
	for _, seed := range []string{"", "a life", "\x00\x00\x00\x00", "\xff\xfe\xfd\xfc\xfb\xfa", "0123456789abcdefghijklmnopqrstuvwxyz"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		h := newRandomHistory(t, rand.New(&chosen{choices, rand.NewPCG(uint64(len(choices)), 0)}))
		h.faulty = true
		h.live()
	})
}

// chosen makes choices of bytes, so that a change of one byte changes one
// choice, and goes on at random when they are used up.
type chosen struct {
	bytes []byte
	after *rand.PCG
}

// Uint64 implements rand.Source. Of what it returns small choices take the high bits.
func (c *chosen) Uint64() uint64 {
	if len(c.bytes) < 2 {
		return c.after.Uint64()
	}
	n := uint64(c.bytes[0])<<56 | uint64(c.bytes[1])<<48
	c.bytes = c.bytes[2:]
	return n
}

// randomHistory is one life behind two APIs: one is read by item, the other by list.
type randomHistory struct {
	t      *testing.T
	rnd    *rand.Rand
	clock  *testClock
	life   *life
	beds   []*testbed
	counts []*counterOracle
	faulty bool // the API makes mistakes that must not matter
}

func newRandomHistory(t *testing.T, rnd *rand.Rand) *randomHistory {
	t.Helper()
	h := &randomHistory{t: t, rnd: rnd, clock: newTestClock()}
	h.life = newLife(rnd, h.clock)
	config, team := randomConfig(rnd), []string{"", "", "payments"}[rnd.IntN(3)]
	if h.life.calm {
		config.MaxGroups, config.Branches, config.ResyncInterval = 200, testConfig().Branches, 1000*day
	}
	for _, byList := range []bool{false, true} {
		tb := newTestbed(t, setup{byList: byList, clock: h.clock, configure: func(c *collector.Config) { *c = config }})
		tb.project.settings.Team = team
		h.beds = append(h.beds, tb)
		h.counts = append(h.counts, newCounterOracle())
		h.life.projects = append(h.life.projects, tb.project.Project)
		if h.life.perPage < 100 {
			tb.api.Inject(apitest.CapPerPage(h.life.perPage))
		}
	}
	return h
}

func randomConfig(rnd *rand.Rand) collector.Config {
	config := testConfig()
	config.ZeroHold = 0
	config.DurationUnit = []history.Unit{history.Seconds, history.Milliseconds}[rnd.IntN(2)]
	if rnd.IntN(2) == 0 {
		config.Lookback = 36*time.Hour + 30*time.Minute
		config.Windows = []collector.Window{{Name: "90m", Length: 90 * time.Minute}}
	}
	config.MaxGroups = []int{200, 200, 2, 1}[rnd.IntN(4)]
	config.KeepBranches = regexp.MustCompile([]string{`^(?s:main|master)$`, `^(?s:feat/.*)$`, `^$`}[rnd.IntN(3)])
	config.MaxStaleness = []time.Duration{5 * time.Minute, 5 * time.Minute, 12 * time.Hour, 3 * day}[rnd.IntN(4)]
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
	for _, tb := range h.beds {
		tb.start()
	}
	h.life.stale = false // all is read at first
	for scrape := range 2 + h.rnd.IntN(5) {
		when := fmt.Sprintf("scrape %d", scrape)
		h.scrape(when)
		if !h.life.calm && !h.folds() && h.rnd.IntN(2) == 0 {
			h.moveWhileRead(when)
		}
		h.setClock()
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
	h.t.Helper()
	if h.faulty {
		defer h.disturb()()
	}
	if h.rnd.IntN(20) == 0 {
		for _, tb := range h.beds {
			tb.api.InjectN(1, apitest.Status(500, "try again"))
		}
	}
	h.keepMostReadable()
	if h.life.stale {
		h.letResyncComeDue()
	}
	for _, tb := range h.beds {
		if h.rnd.IntN(5) == 0 {
			tb.hangUp()
		}
		if h.life.stale {
			tb.wantAllSoon(when)
		} else {
			tb.scrape()
			tb.wantAll(when)
		}
	}
	h.life.stale = false
	h.compareWays(when)
	h.compareCounters(when)
	h.lookAround(when)
}

// letResyncComeDue lets an interval pass, or more where a clock was set back since
// the last resync. What the system's clock says is set back too, but it measures
// intervals all the same; this one cannot.
func (h *randomHistory) letResyncComeDue() {
	h.clock.advance(testConfig().ResyncInterval)
	for slices.ContainsFunc(h.beds, (*testbed).resyncIsRecent) {
		h.clock.advance(testConfig().ResyncInterval)
	}
}

// resyncIsRecent reports whether the next scrape is too early for a resync.
func (tb *testbed) resyncIsRecent() bool {
	for _, last := range []time.Time{tb.exporter.Status()[0].FullReadAt, tb.exporter.ResyncBegan(testedKey)} {
		if since := tb.now().Sub(last); since >= 0 && since < testConfig().ResyncInterval {
			return true
		}
	}
	return false
}

// lookAround shows what was read as of later moments, in any order: only what
// differs from the moment before is computed anew.
func (h *randomHistory) lookAround(when string) {
	h.t.Helper()
	wrong := h.beds[0].skew.Load() // by so much the clock is set wrong already
	for range h.rnd.IntN(4) {
		skew := h.life.upTo(h.beds[0].config.MaxStaleness)
		for i, tb := range h.beds {
			tb.skew.Store(wrong + int64(skew))
			tb.collect()
			tb.wantAll(fmt.Sprintf("%s, seen from %s later", when, skew))
			h.counts[i].scraped(tb.oracle(tb.project))
		}
	}
	for _, tb := range h.beds {
		tb.skew.Store(wrong)
	}
}

// disturb lets the API make a mistake or two that an exporter must see through.
func (h *randomHistory) disturb() (mend func()) {
	once := []apitest.Fault{
		apitest.Status(500, "oops"), apitest.Status(502, ""), apitest.Status(429, "slow down"), apitest.Reset(),
	}
	all := []apitest.Fault{
		apitest.NoPagination(), apitest.TotalPages(0), apitest.TotalPages(1), apitest.TotalPages(3), apitest.TotalPages(100),
		apitest.Total(0), apitest.Duplicates(), apitest.Shuffled(), apitest.Reversed(),
	}
	first, second, unanswered := h.rnd.IntN(2*len(all)), h.rnd.IntN(2*len(all)), h.rnd.IntN(2*len(once))
	var mends []func()
	for _, tb := range h.beds {
		for _, fault := range []int{first, second} {
			if fault < len(all) {
				mends = append(mends, tb.api.Inject(all[fault]))
			}
		}
		if unanswered < len(once) {
			mends = append(mends, tb.api.InjectN(1+h.rnd.IntN(2), once[unanswered]))
		}
	}
	return func() {
		for _, mend := range mends {
			mend()
		}
	}
}

// fail lets a refresh fail right after one that worked, so that it does not
// matter whether a resync is still under way: what was read is shown as of now.
func (h *randomHistory) fail(when string) {
	h.t.Helper()
	for i, tb := range h.beds {
		mend := tb.api.Inject(apitest.Status(403, "not now"))
		tb.failing = true
		tb.scrape()
		tb.failing = false
		mend()
		if tb.now().Sub(tb.project.readAt).Abs() <= tb.config.MaxStaleness {
			tb.wantAll(when + ", after a refresh that failed")
			h.counts[i].scraped(tb.oracle(tb.project))
		} else if n := len(tb.shown.runGauges()); n > 0 {
			h.t.Fatalf("%s: %d run gauges of a snapshot that is too old", when, n)
		}
	}
}

// compareWays compares the two expositions directly.
func (h *randomHistory) compareWays(when string) {
	h.t.Helper()
	if h.life.oddities { // which no list is for
		return
	}
	byItem, byList := withoutItemsOwn(h.beds[0].shown), withoutItemsOwn(h.beds[1].shown)
	if wrong := diff(byItem, byList); wrong != "" {
		h.t.Fatalf("%s: read by item (got) and by list (want) the same differs:\n%s", when, wrong)
	}
}

// compareCounters compares the counters with the oracle's, in calm histories:
// where folding moves groups, or a resync sees runs between two scrapes, the
// oracle would have to know when the exporter saw what.
func (h *randomHistory) compareCounters(when string) {
	h.t.Helper()
	if !h.life.calm {
		return
	}
	for i, tb := range h.beds {
		h.counts[i].refreshed(tb.oracle(tb.project))
		tb.collect() // the second scrape of a new group lets its counts go
		want := h.counts[i].exposition(tb.oracle(tb.project))
		if wrong := diff(tb.shown.only("empirical_finished_runs_total", "empirical_tests_total"), want); wrong != "" {
			h.t.Fatalf("%s, counters, %s:\n%s", when, wayName(tb.byList), wrong)
		}
	}
}

var errorCodeLabel = regexp.MustCompile(`error_code="[^"]+"`)

// withoutItemsOwn returns the run gauges without what only items that carry
// their state can say: error codes and snoozed counts.
func withoutItemsOwn(shown exposition) exposition {
	kept := exposition{}
	for series, value := range shown.runGauges() {
		switch name := nameOf(series); {
		case strings.HasSuffix(name, "_snoozed_failed_tests"), name == "empirical_recent_run_errors":
			continue
		case name != "empirical_last_completed_run_info":
			kept[series] = value
		default:
			kept[errorCodeLabel.ReplaceAllString(series, `error_code="*"`)] = value
		}
	}
	return kept
}
