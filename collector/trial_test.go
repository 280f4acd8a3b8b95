package collector_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// kind is one way to meet a fault.
type kind struct {
	stateless bool // items carry no state
	warm      bool // after a good refresh
	keys      int  // of which one meets the fault
}

func (k kind) String() string {
	name := "cold"
	if k.warm {
		name = "warm"
	}
	if k.stateless {
		name += ", items without state"
	}
	return fmt.Sprintf("%s, keys %d", name, k.keys)
}

func allKinds() []kind {
	var all []kind
	for _, stateless := range []bool{false, true} {
		for _, warm := range []bool{false, true} {
			for _, keys := range []int{1, 3} {
				all = append(all, kind{stateless, warm, keys})
			}
		}
	}
	return all
}

// trial is an API of some projects, and an exporter that reads them. One of
// them, of several the middle one, is to meet a fault.
type trial struct {
	*testing.T
	kind     kind
	api      *apitest.Server
	door     *door      // before the API, for the key of a trial that wants one
	apiClock *testClock // of the API
	clock    *testClock // of the exporter
	pauses   *skippingClock

	projects []*apitest.Project
	faulty   int // which of them
	keyFile  string
	secrets  []string // that must be seen nowhere

	waits  bool // pauses between retries are not skipped
	hidden bool // the odd run must not be shown

	exporter *collector.Exporter
	registry *prometheus.Registry
	log      *logLines
	read     map[int][]apitest.Run // by project, what its last good refresh had to read
}

const faultyName = "key-under-trial"

func newTrial(t *testing.T, k kind, f *fault) *trial {
	t.Helper()
	tr := &trial{
		T: t, kind: k, apiClock: newTestClock(), clock: newTestClock(), pauses: &skippingClock{},
		log: &logLines{}, waits: f.waits, read: map[int][]apitest.Run{}, faulty: k.keys / 2,
	}
	options := []apitest.Option{apitest.WithClock(tr.apiClock.Now)}
	if k.stateless {
		options = append(options, apitest.WithoutState())
	}
	tr.api = apitest.NewServer(options...)
	t.Cleanup(tr.api.Close)
	if f.door {
		tr.door = newDoor(t, tr.api.URL)
	}
	var keys []collector.Key
	for i := range k.keys {
		keys = append(keys, tr.addKey(i, cmp.Or(f.timeout, 5*time.Second)))
	}
	config := testConfig()
	config.MinInterval = 10 * time.Second
	tr.exporter = collector.New(keys, config, collector.WithClock(tr.clock.Now), collector.WithLogger(log.NewLogfmtLogger(tr.log)))
	t.Cleanup(tr.exporter.Close)
	tr.registry = prometheus.NewPedanticRegistry()
	tr.registry.MustRegister(tr.exporter)
	return tr
}

// addKey adds a project and the key that reads it.
func (tr *trial) addKey(i int, timeout time.Duration) collector.Key {
	tr.Helper()
	secret := fmt.Sprintf("s3cret-of-%d", i)
	project := tr.api.AddProject(fmt.Sprintf("project-%d", i), secret)
	tr.projects = append(tr.projects, project)
	name, url, size := fmt.Sprintf("key-%d", i), tr.api.URL, 6
	if i == tr.faulty {
		name, size = faultyName, 150
		if tr.door != nil {
			url = tr.door.url
		}
	}
	project.AddAll(pastRuns(size, tr.apiClock.Now()))
	path := filepath.Join(tr.TempDir(), "key")
	if i == tr.faulty {
		tr.keyFile = path
	}
	tr.secrets = append(tr.secrets, secret)
	tr.writeKey(path, secret)
	options := []apiclient.Option{apiclient.WithTimeout(timeout), apiclient.WithMaxRate(0)}
	if !tr.waits {
		options = append(options, apiclient.WithClock(tr.pauses))
	}
	client, err := apiclient.New(url, apiclient.KeyFile(path), options...)
	if err != nil {
		tr.Fatal(err)
	}
	return collector.Key{Name: name, Client: client}
}

// writeKey replaces a key file at once, as secrets are.
func (tr *trial) writeKey(path, secret string) {
	tr.Helper()
	if err := os.WriteFile(path+".new", []byte(secret+"\n"), 0o600); err != nil {
		tr.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		tr.Fatal(err)
	}
}

// pastRuns are runs of the last week: most of them passed, a few active.
func pastRuns(n int, now time.Time) []apitest.Run {
	states := []string{"ended", "ended", "ended", "ended", "ended", "ended", "ended", "ended", "ended", "error", "ended", "cancelled"}
	runs := make([]apitest.Run, n)
	for i := range runs {
		runs[i] = apitest.Run{
			State: states[i%len(states)], CreatedAt: now.Add(-time.Duration(n-i) * 65 * time.Minute),
			Branch: new([]string{"main", "feat/a"}[i%2]), EnvironmentSlug: new([]string{"production", "staging", "production"}[i%3]),
			TotalCount: new(int64(40)), SuccessCount: new(int64(40)), FailedCount: new(int64(0)), FlakyCount: new(int64(i % 3)),
			Duration: new(int64(60_000 + 100*i)), Commit: new(fmt.Sprintf("%07x", i)),
		}
		if i%25 == 3 {
			runs[i].FailedCount = new(int64(2))
			runs[i].SuccessCount = new(int64(38))
		}
	}
	runs[n/3].State, runs[n-3].State, runs[n-2].State, runs[n-1].State = "started", "queued", "pending", "started"
	for _, i := range []int{n / 3, n - 3, n - 2, n - 1} {
		runs[i].TotalCount, runs[i].SuccessCount, runs[i].FailedCount, runs[i].Duration = nil, nil, nil, nil
	}
	return runs
}

// project returns the project that meets the fault.
func (tr *trial) project() *apitest.Project { return tr.projects[tr.faulty] }

// inject puts a fault before the key that meets it.
func (tr *trial) inject(f apitest.Fault) (mend func()) {
	return tr.api.Inject(f, tr.mine())
}

// mine matches the requests of the key that meets the fault.
func (tr *trial) mine() apitest.Match {
	slug := tr.project().Slug()
	return func(r apitest.Request) bool { return r.Project == slug }
}

// live lets time pass and something happen: a run begins and an active one ends.
func (tr *trial) live() {
	tr.apiClock.advance(time.Minute)
	tr.clock.advance(time.Minute)
	for _, p := range tr.projects {
		for _, r := range slices.Backward(p.Runs()) {
			if r.State == "started" {
				p.Update(r.ID, endFailed)
				break
			}
		}
		p.Add(apitest.Run{State: "started", Branch: new("main"), EnvironmentSlug: new("production")})
	}
}

func endFailed(r *apitest.Run) {
	r.State, r.TotalCount, r.SuccessCount, r.FailedCount = "ended", new(int64(10)), new(int64(9)), new(int64(1))
	r.Duration = new(int64(90_000))
}

// refresh lets a refresh begin that is due, and waits for its end.
func (tr *trial) refresh() {
	tr.Helper()
	ctx, cancel := context.WithTimeout(tr.Context(), 30*time.Second)
	defer cancel()
	tr.exporter.Refresh(ctx)
	if ctx.Err() != nil {
		tr.Fatal("the refresh does not end")
	}
}

// scrape asks as a scraper does that waits so long.
func (tr *trial) scrape(deadline time.Duration) (runGauges, others exposition) {
	tr.Helper()
	ctx, cancel := context.WithTimeout(tr.Context(), deadline)
	defer cancel()
	tr.exporter.Refresh(ctx)
	return tr.gather()
}

// gather returns what /metrics shows, and makes sure that no key is in it.
func (tr *trial) gather() (runGauges, others exposition) {
	tr.Helper()
	runGauges, others, err := gather(tr.registry)
	if err != nil {
		tr.Fatalf("gather: %v", err)
	}
	for _, shown := range []exposition{runGauges, others} {
		for series := range shown {
			tr.mustNotTellKeys(series)
		}
	}
	for _, status := range tr.exporter.Status() {
		tr.mustNotTellKeys(fmt.Sprintf("%+v", status))
	}
	return runGauges, others
}

func (tr *trial) mustNotTellKeys(text string) {
	tr.Helper()
	for _, secret := range tr.secrets {
		if strings.Contains(text, secret) {
			tr.Errorf("the key %q stands in %s", secret, text)
		}
	}
}

// note notes that a project's runs are as a refresh that begins now should read them.
func (tr *trial) note(project int) {
	tr.read[project] = where(tr.projects[project].Runs(), func(r apitest.Run) bool {
		return project != tr.faulty || !tr.hidden || r.ID != oddID
	})
}

func (tr *trial) noteAll() {
	for i := range tr.projects {
		tr.note(i)
	}
}

// noteOthers notes all but the project that meets the fault.
func (tr *trial) noteOthers() {
	for i := range tr.projects {
		if i != tr.faulty {
			tr.note(i)
		}
	}
}

// wanted returns the run gauges as what was noted makes them now.
func (tr *trial) wanted() exposition {
	all := exposition{}
	for i, runs := range tr.read {
		config := testConfig()
		truth := naive{
			project: tr.projects[i].Slug(), runs: runs, readAt: tr.clock.Now(), now: tr.clock.Now(),
			stateless: tr.kind.stateless, config: config,
		}
		for series, value := range truth.exposition() {
			all[series] = value
		}
	}
	return all
}

// mustShow compares what is shown with what was noted.
func (tr *trial) mustShow(when string) (others exposition) {
	tr.Helper()
	got, others := tr.gather()
	if about := diff(got, tr.wanted()); about != "" {
		tr.Errorf("%s:\n%s", when, about)
	}
	return others
}

// mustBe checks one of the exporter's own metrics.
func (tr *trial) mustBe(shown exposition, want float64, name string, labels ...string) {
	tr.Helper()
	expected := exposition{}
	expected.set(want, name, labels)
	for series := range expected {
		if got, ok := shown[series]; !ok || got != want {
			tr.Errorf("%s is %v, want %v", series, got, want)
		}
	}
}
