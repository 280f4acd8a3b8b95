package collector_test

import (
	"context"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const day = 24 * time.Hour

// testClock stands still until it is advanced.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testConfig refreshes at every scrape.
func testConfig() collector.Config {
	return collector.Config{
		Lookback:       8 * day,
		Windows:        []collector.Window{{Name: "1d", Length: day}, {Name: "7d", Length: 7 * day}},
		Branches:       regexp.MustCompile(`^(?s:.*)$`),
		MaxGroups:      200,
		ZeroHold:       2 * time.Minute,
		ResyncInterval: time.Hour,
		MaxStaleness:   5 * time.Minute,
	}
}

// stage is a project behind an API, and an exporter that reads it.
type stage struct {
	t         testing.TB
	clock     *testClock
	stateless bool
	config    collector.Config
	server    *apitest.Server
	project   *apitest.Project
	exporter  *collector.Exporter
	registry  *prometheus.Registry

	read   []apitest.Run // what a refresh that began now would have to read
	readAt time.Time
	shown  exposition // the run gauges that were compared last
}

const (
	testSlug = "checkout"
	testKey  = "key-1"
)

// newStage opens an API whose items carry their state or do not.
func newStage(tb testing.TB, clock *testClock, stateless bool, config collector.Config) *stage {
	tb.Helper()
	options := []apitest.Option{apitest.WithClock(clock.Now)}
	if stateless {
		options = append(options, apitest.WithoutState())
	}
	s := &stage{t: tb, clock: clock, stateless: stateless, config: config, server: apitest.NewServer(options...)}
	tb.Cleanup(s.server.Close)
	s.project = s.server.AddProject(testSlug, testKey)
	return s
}

// start puts an exporter, or the next one, before the API.
func (s *stage) start() {
	s.t.Helper()
	client, err := apiclient.New(s.server.URL, apiclient.KeyText(testKey, "the test"),
		apiclient.WithMaxRate(0), apiclient.WithBackoff(time.Millisecond, 2*time.Millisecond))
	if err != nil {
		s.t.Fatal(err)
	}
	keys := []collector.Key{{Name: "default", Client: client}}
	s.exporter = collector.New(keys, s.config, collector.WithClock(s.clock.Now))
	s.t.Cleanup(s.exporter.Close)
	s.registry = prometheus.NewRegistry()
	if err := s.registry.Register(s.exporter); err != nil {
		s.t.Fatal(err)
	}
}

// refresh lets the exporter read what the API has now.
func (s *stage) refresh() {
	s.read, s.readAt = s.project.Runs(), s.clock.Now()
	s.exporter.Refresh(context.Background())
}

// gather returns the run gauges of a scrape, and what else is in it.
func (s *stage) gather() (runGauges, others exposition) {
	s.t.Helper()
	runGauges, others, err := gather(s.registry)
	if err != nil {
		s.t.Fatalf("gather: %v", err)
	}
	return runGauges, others
}

// truth is the naive view of what the last refresh had to read.
func (s *stage) truth() naive {
	return naive{
		project: testSlug, runs: s.read, readAt: s.readAt, now: s.clock.Now(),
		stateless: s.stateless, config: s.config,
	}
}

// wrong tells in what a scrape without a refresh differs from the truth.
func (s *stage) wrong() string {
	s.t.Helper()
	shown, others := s.gather()
	s.shown = shown
	want := s.truth()
	about := diff(shown, want.exposition())
	expected := exposition{}
	expected.set(float64(want.foldedPairs()), "empirical_exporter_folded_groups", []string{"key", "default"})
	expected.set(float64(len(want.counting())), "empirical_exporter_runs", []string{"key", "default"})
	return about + diff(others.only("empirical_exporter_folded_groups", "empirical_exporter_runs"), expected)
}

// mustBeRight refreshes and compares.
func (s *stage) mustBeRight(when string) {
	s.t.Helper()
	s.refresh()
	if wrong := s.wrong(); wrong != "" {
		s.t.Fatalf("%s, stateless %v:\n%s", when, s.stateless, wrong)
	}
}

// mustBecomeRight lets a resync begin, which goes on beside refreshes, and
// waits for what it brings.
func (s *stage) mustBecomeRight(when string) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		s.refresh()
		wrong := s.wrong()
		if wrong == "" {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s, stateless %v, still after a resync:\n%s", when, s.stateless, wrong)
		}
	}
}

// kinds of items: whether they lack their state.
var kinds = map[string]bool{"with state": false, "without state": true}

// bothKinds runs a test with items that carry their state and with items that do not.
func bothKinds(t *testing.T, test func(t *testing.T, stateless bool)) {
	t.Helper()
	for name, stateless := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, stateless)
		})
	}
}
