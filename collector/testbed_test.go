package collector_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

// setup says in what a testbed differs from one key of an API whose items carry
// their state.
type setup struct {
	byList    bool                    // items carry no state, so that runs are read by list
	seconds   bool                    // the API's durations are in seconds, not milliseconds
	keys      int                     // each of a project of its own; 0 is 1
	proxied   bool                    // the tested key reaches the API through a proxy
	secured   bool                    // as relayed, over TLS and HTTP/2
	relayed   bool                    // the tested key reaches the API through a relay
	timeout   time.Duration           // of a request; 0 is the client's default
	atOnce    int                     // requests of a key in flight; 0 is the client's default
	pauses    bool                    // pauses between retries are waited for, not skipped
	clock     *testClock              // of another testbed, to share; nil is a new one
	configure func(*collector.Config) // changes the configuration
}

// testbed is an API with some projects, and an exporter that reads them over HTTP.
type testbed struct {
	*testing.T
	setup
	api   *apitest.Server
	host  string // the API's name, where the way to it has one
	url   string // where the tested key finds the API
	proxy *proxy // where the setup asks for one
	relay *testnet.Relay

	sources []*source
	project *source // the tested one: of several the middle one
	failing bool    // refreshes of the tested key fail: what it read before stays
	hidden  int64   // id of a run that must not be shown; 0 is none
	quiet   bool    // nothing goes on beside a scrape

	config   collector.Config
	skew     atomic.Int64 // how far the exporter's clock is ahead of the API's
	skipping apitest.SkippingClock
	log      logLines
	observer *collector.Observer // nil for none
	exporter *collector.Exporter
	registry prometheus.Gatherer

	shown   exposition // by the last scrape
	shownAt time.Time
}

// source is a project, the key that reads it, and what the last good refresh
// had to read of it.
type source struct {
	*apitest.Project
	key      string            // its name, not what stands in the file
	client   *apiclient.Client // as of start
	settings collector.Settings
	file     string
	secrets  []string // all that the file ever holds, the first at first; they must be seen nowhere
	read     []apitest.Run
	readAt   time.Time
}

// testedKey is the name of the tested key.
const testedKey = "default"

// testConfig is the default, but that every scrape refreshes, and that no tests
// are read.
func testConfig() collector.Config {
	config := collector.DefaultConfig()
	config.MinInterval = 0
	config.Tests.Top = 0
	return config
}

// newTestbed opens an API with empty projects. The exporter is not there before
// start, so that a test can first say what the API has.
func newTestbed(t *testing.T, s setup) *testbed {
	t.Helper()
	if s.clock == nil {
		s.clock = newTestClock()
	}
	tb := &testbed{T: t, setup: s, config: testConfig()}
	if s.configure != nil {
		s.configure(&tb.config)
	}
	options := []apitest.Option{apitest.WithClock(s.clock.Now)}
	if s.byList {
		options = append(options, apitest.WithoutState())
	}
	tb.api = apitest.NewServer(options...)
	t.Cleanup(tb.api.Close)
	tb.build()
	n := max(1, s.keys)
	for i := range n {
		slug, key, secret := fmt.Sprintf("project-%d", i), fmt.Sprintf("key-%d", i), fmt.Sprintf("s3cret-of-%d", i)
		if i == n/2 {
			key = testedKey
		}
		tb.sources = append(tb.sources, &source{
			Project: tb.api.AddProject(slug, secret), key: key, secrets: []string{secret}, file: filepath.Join(t.TempDir(), "key"),
		})
		tb.writeKey(tb.sources[i], secret)
	}
	tb.project = tb.sources[n/2]
	return tb
}

// build builds the way to the API that the setup asks for.
func (tb *testbed) build() {
	tb.Helper()
	tb.host, tb.url = newHost(), tb.api.URL
	switch {
	case tb.proxied:
		tb.proxy = newProxy(tb, tb.api.URL, nil)
		tb.url = "http://" + tb.proxy.address
	case tb.secured:
		tb.relay = testnet.MustRelay(tb, newProxy(tb, tb.api.URL, tb.goodTLS()).address)
		tb.url = "https://" + net.JoinHostPort(tb.host, portOf(tb.relay.Address))
	case tb.relayed:
		tb.relay = testnet.MustRelay(tb, strings.TrimPrefix(tb.api.URL, "http://"))
		tb.url = "http://" + tb.relay.Address
	}
}

// writeKey replaces a key's file at once, as secrets are.
func (tb *testbed) writeKey(s *source, secret string) {
	tb.Helper()
	if err := os.WriteFile(s.file+".new", []byte(secret+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		tb.Fatal(err)
	}
}

// start puts an exporter before the API, in place of any earlier one.
func (tb *testbed) start() {
	tb.Helper()
	for _, s := range tb.sources {
		s.client = tb.newClient(s)
	}
	tb.exporter = collector.New(tb.keys(tb.sources...), tb.config,
		collector.WithClock(tb.now), collector.WithLogger(log.NewLogfmtLogger(&tb.log)), collector.WithObserver(tb.observer))
	tb.Cleanup(tb.exporter.Close)
	registry := prometheus.NewPedanticRegistry()
	if slices.ContainsFunc(tb.sources, func(s *source) bool { return s.settings.Team != "" }) {
		registry = prometheus.NewRegistry() // what not all projects have cannot be described
	}
	tb.registry = newBothRegistry(tb, registry)
}

// keys returns the keys of some projects, with their settings.
func (tb *testbed) keys(sources ...*source) []collector.Key {
	var keys []collector.Key
	for _, s := range sources {
		keys = append(keys, collector.Key{Name: s.key, Client: s.client, Settings: s.settings})
	}
	return keys
}

// setKeys leaves the exporter these projects, with their settings.
func (tb *testbed) setKeys(sources ...*source) {
	tb.sources = sources
	tb.exporter.SetKeys(tb.keys(sources...))
}

func (tb *testbed) newClient(s *source) *apiclient.Client {
	tb.Helper()
	url := tb.api.URL
	if s == tb.project {
		url = tb.url
	}
	options := []apiclient.Option{apiclient.WithMaxRate(0)}
	if tb.timeout != 0 {
		options = append(options, apiclient.WithTimeout(tb.timeout))
	}
	if tb.atOnce != 0 {
		options = append(options, apiclient.WithConcurrency(tb.atOnce))
	}
	if !tb.pauses {
		options = append(options, apiclient.WithClock(&tb.skipping))
	}
	client, err := apiclient.New(url, apiclient.KeyFile(s.file), options...)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// now is the time by the exporter's clock.
func (tb *testbed) now() time.Time { return tb.clock.Now().Add(time.Duration(tb.skew.Load())) }

// refresh lets the exporter read what the API has now, and waits until it has.
func (tb *testbed) refresh() {
	tb.Helper()
	for _, s := range tb.sources {
		if s != tb.project || !tb.failing {
			s.read = where(s.Runs(), func(r apitest.Run) bool { return s != tb.project || r.ID != tb.hidden })
			s.readAt = tb.now()
		}
	}
	ctx, stop := context.WithTimeout(tb.Context(), time.Minute)
	defer stop()
	tb.exporter.Refresh(ctx)
	if ctx.Err() != nil {
		tb.Fatal("the refresh does not end")
	}
}

// collect looks at what is held, without a refresh.
func (tb *testbed) collect() {
	tb.Helper()
	tb.shown, tb.shownAt = tb.gather(), tb.now()
}

// scrape does what a request for /metrics does.
func (tb *testbed) scrape() {
	tb.Helper()
	tb.refresh()
	tb.collect()
}

// scrapeWithin scrapes as a scraper does that waits so long. Many may do so at once.
func (tb *testbed) scrapeWithin(deadline time.Duration) exposition {
	tb.Helper()
	ctx, stop := context.WithTimeout(tb.Context(), deadline)
	defer stop()
	tb.exporter.Refresh(ctx)
	return tb.gather()
}

// gather returns what a scrape shows, and makes sure that no key is in it.
func (tb *testbed) gather() exposition {
	tb.Helper()
	shown, err := gather(tb.registry)
	if err != nil {
		tb.Errorf("gather: %v", err)
	}
	tb.wantNoSecret(slices.Collect(maps.Keys(shown))...)
	for _, status := range tb.exporter.Status() {
		tb.wantNoSecret(fmt.Sprintf("%+v", status))
	}
	return shown
}

func (tb *testbed) wantNoSecret(texts ...string) {
	tb.Helper()
	for _, text := range texts {
		for _, s := range tb.sources {
			for _, secret := range s.secrets {
				if strings.Contains(text, secret) {
					tb.Errorf("the key %q stands in %s", secret, text)
				}
			}
		}
	}
}

// wantSample wants the last scrape to show one sample with these labels, among
// others, and this value.
func (tb *testbed) wantSample(name string, some labels, want float64) {
	tb.Helper()
	series, err := tb.shown.one(name, some)
	if err != nil {
		tb.Errorf("got %v, want one of %v", err, want)
	} else if got := tb.shown[series]; got != want {
		tb.Errorf("%s: got %v, want %v", series, got, want)
	}
}

// wantNoSample wants the last scrape to show no sample with these labels.
func (tb *testbed) wantNoSample(name string, some labels) {
	tb.Helper()
	if found := tb.shown.with(name, some); len(found) != 0 {
		tb.Errorf("%s%v: got %d samples, want none", name, some, len(found))
	}
}

// wantAll wants the last scrape to show all that the oracle makes of what was
// read, and nothing else of any run but counters.
func (tb *testbed) wantAll(when string) {
	tb.Helper()
	if wrong := tb.wrong(); wrong != "" {
		tb.Fatalf("%s, %s:\n%s", when, wayName(tb.byList), wrong)
	}
}

// wantAllSoon scrapes until a resync that began now has ended, beside which
// refreshes go on. What an earlier one still reads may be out of date.
func (tb *testbed) wantAllSoon(when string) {
	tb.Helper()
	resyncs := tb.config.ResyncInterval == testConfig().ResyncInterval // else none is to come
	for deadline := time.Now().Add(20 * time.Second); ; {
		tb.scrape()
		wrong := tb.wrong()
		if wrong == "" {
			if !resyncs || tb.hasResynced() {
				return
			}
			wrong = "no resync has ended"
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s, %s, still after a resync:\n%s", when, wayName(tb.byList), wrong)
		}
	}
}

// hasResynced reports whether a resync of the tested key that began now has ended.
func (tb *testbed) hasResynced() bool {
	return tb.exporter.Status()[len(tb.sources)/2].FullReadAt.Equal(tb.now())
}

func (tb *testbed) wrong() string {
	want := exposition{}
	for _, s := range tb.sources {
		o := tb.oracle(s)
		maps.Copy(want, o.exposition())
		ofKey := o.withTeam([]string{"key", s.key})
		want.set(float64(o.foldedGroups()), "empirical_exporter_folded_groups", ofKey)
		want.set(float64(len(o.counting())), "empirical_exporter_runs", ofKey)
	}
	got := tb.shown.runGauges()
	maps.Copy(got, tb.shown.only("empirical_exporter_folded_groups", "empirical_exporter_runs"))
	return diff(got, want)
}

func (tb *testbed) oracle(s *source) oracle {
	perSecond := 1000.0
	if tb.config.DurationUnit == history.Seconds || tb.seconds {
		perSecond = 1
	}
	return oracle{
		project: s.Slug(), team: s.settings.Team, runs: s.read, readAt: s.readAt, now: tb.shownAt, byList: tb.byList, perSecond: perSecond,
		config: withSettings(tb.config, s.settings),
	}
}

// withSettings is a configuration with a project's own settings where it has some.
func withSettings(config collector.Config, own collector.Settings) collector.Config {
	if own.Branches != nil {
		config.Branches = own.Branches
	}
	if own.KeepBranches != nil {
		config.KeepBranches = own.KeepBranches
	}
	if own.MaxGroups != 0 {
		config.MaxGroups = own.MaxGroups
	}
	return config
}

// await waits until something holds that goes on beside the test.
func (tb *testbed) await(what string, holds func() bool) {
	tb.Helper()
	for deadline := time.After(20 * time.Second); !holds(); {
		select {
		case <-deadline:
			tb.Fatalf("%s does not come", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// inject puts a fault before the tested key.
func (tb *testbed) inject(f apitest.Fault, when ...apitest.Match) (mend func()) {
	return tb.api.Inject(f, append(when, tb.mine())...)
}

// mine matches the requests of the tested key.
func (tb *testbed) mine() apitest.Match {
	slug := tb.project.Slug()
	return func(r apitest.Request) bool { return r.Project == slug }
}

// attempts counts the requests of the tested key as the exporter does, so that
// one that was cancelled and reaches the API late makes no difference.
func (tb *testbed) attempts() float64 {
	tb.Helper()
	tb.collect()
	return tb.shown.with("empirical_exporter_api_requests_total", labels{"key": testedKey}).sum()
}

// wayName names a way of reading.
func wayName(byList bool) string { return map[bool]string{false: "by item", true: "by list"}[byList] }

// bothWays runs a test with items that carry their state and with items that do not.
func bothWays(t *testing.T, test func(t *testing.T, byList bool)) {
	t.Helper()
	for _, byList := range []bool{false, true} {
		t.Run(wayName(byList), func(t *testing.T) {
			t.Parallel()
			test(t, byList)
		})
	}
}

// brake ends a table of tests early: after a few failures more say nothing new.
type brake struct{ failures atomic.Int32 }

const mostFailures = 3

// run runs a test, unless too many have failed. It reports whether to go on.
func (b *brake) run(t *testing.T, name string, test func(*testing.T)) bool {
	t.Helper()
	if b.failures.Load() >= mostFailures {
		return false
	}
	if !t.Run(name, test) && b.failures.Add(1) == mostFailures {
		t.Logf("%d tests have failed: no more are begun", mostFailures)
	}
	return true
}
