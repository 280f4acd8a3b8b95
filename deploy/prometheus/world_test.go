package prometheus_test

import (
	"encoding/json"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// stuckAfter has an age above the threshold for each active state.
var stuckAfter = map[string]time.Duration{
	"pending": 3 * time.Hour, "queued": 2 * time.Hour, "started": 4 * time.Hour, "cancelling": 5 * time.Hour,
}

// world is the API. In the project checkout each environment has a trouble of its
// own, and is named after it.
type world struct {
	api                                *apitest.Server
	checkout, payments, search, mobile *apitest.Project

	now     time.Time
	last    map[string]int64 // newest completed run by environment
	stuck   map[string]int64 // oldest active run by state
	running int64            // active run of the environment healthy
	broken  []int64          // errored runs, and one that cannot be read
	passing []int64          // all runs of the environment shortlived
}

// ended describes an ended run with 100 tests.
type ended struct {
	branch, environment string
	age, duration       time.Duration
	failed, flaky       int64
}

func newWorld(api *apitest.Server) *world {
	w := &world{api: api, now: time.Now(), last: map[string]int64{}, stuck: map[string]int64{}}
	w.checkout = api.AddProject("checkout", "checkout-1")
	w.payments = api.AddProject("payments", "payments-1")
	w.search = api.AddProject("search", "search-1")
	w.mobile = api.AddProject("mobile", "mobile-1")
	for _, p := range []*apitest.Project{w.payments, w.search, w.mobile} {
		for i := range 3 {
			w.end(p, ended{branch: "main", age: time.Duration(i+1) * time.Hour})
		}
	}
	w.end(w.mobile, ended{branch: "feat/y", age: time.Hour})
	w.failures()
	w.wear()
	w.queue()
	w.errors()
	w.calm()
	return w
}

// end adds an ended run to a project, as live items are most likely to be: its
// duration is in seconds, and its total leaves out the skipped tests. These are
// more than the executed ones, which must change no ratio.
func (w *world) end(p *apitest.Project, e ended) int64 {
	if e.duration == 0 {
		e.duration = 10 * time.Minute
	}
	created := w.now.Add(-e.age)
	id := p.Add(apitest.Run{
		State: "ended", Branch: new(e.branch), EnvironmentSlug: new(e.environment),
		CreatedAt: created, StartedAt: created.Add(10 * time.Second),
		TotalCount: new(int64(100)), SuccessCount: new(100 - e.failed), FailedCount: new(e.failed),
		FlakyCount: new(e.flaky), SkippedCount: new(int64(150)), Duration: new(int64(e.duration / time.Second)),
	})
	if p == w.checkout && e.branch == "main" {
		w.last[e.environment] = id
	}
	return id
}

// main adds an ended run on the branch main of the project checkout.
func (w *world) main(environment string, age time.Duration, failed, flaky int64) int64 {
	return w.end(w.checkout, ended{branch: "main", environment: environment, age: age, failed: failed, flaky: flaky})
}

// failures adds runs that do not pass. The newest run of each environment comes last.
func (w *world) failures() {
	for i := range 10 { // 7 of 10 fail in a day; the newest passes
		failed := int64(20)
		if i < 2 || i == 9 {
			failed = 0
		}
		w.main("failing", time.Duration(20-2*i)*time.Hour, failed, 0)
	}
	for i := range 12 { // the last three fail
		failed := int64(0)
		if i >= 9 {
			failed = 1
		}
		w.main("streak", time.Duration(13-i)*time.Hour, failed, 0)
	}
	w.main("nopass", 40*time.Hour, 0, 0)
	w.main("nopass", 30*time.Hour, 1, 0)
	w.main("nopass", time.Hour, 1, 0)
	for i := range 9 {
		w.main("silent", time.Duration(143-i)*time.Hour, 0, 0)
	}
}

// wear adds flaky tests and slow runs: four runs in the last day, eight in the six days before.
func (w *world) wear() {
	for i := range 12 {
		age, today := time.Duration(132-12*i)*time.Hour, i >= 8
		slow, flaky := 10*time.Minute, int64(1)
		if today {
			age, slow, flaky = time.Duration(24-2*i)*time.Hour, 20*time.Minute, 4
		}
		w.main("flaky", age, 0, 10)
		w.main("flakier", age, 0, flaky)
		w.end(w.checkout, ended{branch: "main", environment: "slow", age: age, duration: slow})
	}
}

// queue adds runs that are stuck.
func (w *world) queue() {
	active := func(state string, age time.Duration) int64 {
		return w.checkout.Add(apitest.Run{
			State: state, Branch: new("feat/x"), EnvironmentSlug: new("queue"), CreatedAt: w.now.Add(-age),
		})
	}
	for state, age := range stuckAfter {
		w.stuck[state] = active(state, age)
	}
	for range 9 {
		active("pending", 5*time.Minute)
	}
}

// errors adds an item that cannot be read. One of so many is no alert.
func (w *world) errors() {
	w.broken = append(w.broken, w.checkout.Add(apitest.Run{
		State: "ended", CreatedAt: w.now.Add(-time.Minute),
		Extra: map[string]json.RawMessage{"created_at": json.RawMessage(`"yesterday"`)},
	}))
}

// breakRuns adds runs that broke. What broke before the project is first scraped is
// no news, so this comes later.
func (w *world) breakRuns() {
	for range 9 {
		w.last["errors"] = w.checkout.Add(apitest.Run{
			State: "error", Branch: new("feat/errors"), EnvironmentSlug: new("errors"),
			CreatedAt: time.Now().Add(-time.Minute), ErrorCode: new("dispatch_failed"),
		})
		w.broken = append(w.broken, w.last["errors"])
	}
}

// calm adds runs that must not make any alert fire.
func (w *world) calm() {
	for i := range 7 {
		age := time.Duration(7-i) * 24 * time.Hour
		w.main("healthy", age-12*time.Hour, 0, 1)
		failed := int64(0)
		if i == 6 {
			failed = 100 // one bad night
		}
		w.main("nightly", age-23*time.Hour, failed, 0)
		w.end(w.checkout, ended{branch: "feat/broken", environment: "unwatched", age: age - 23*time.Hour, failed: 50})
	}
	w.running = w.checkout.Add(apitest.Run{
		State: "started", Branch: new("main"), EnvironmentSlug: new("healthy"), CreatedAt: w.now.Add(-6 * time.Minute),
	})
	w.passing = append(w.passing, w.main("shortlived", time.Hour, 0, 0))
}

// repair ends every trouble of the project checkout, and the group shortlived.
func (w *world) repair() {
	w.now = time.Now()
	const fresh = 11 * time.Minute // a run that takes ten and has just ended
	for range 60 {
		w.main("failing", fresh, 0, 0)
		w.main("flaky", fresh, 0, 0)
		w.main("flakier", fresh, 0, 0)
		w.main("slow", fresh, 0, 0)
		w.main("streak", fresh, 0, 0)
	}
	w.main("nopass", fresh, 0, 0)
	w.main("silent", fresh, 0, 0)
	for _, run := range w.checkout.Runs() {
		if run.EnvironmentSlug != nil && *run.EnvironmentSlug == "queue" {
			w.checkout.Update(run.ID, func(run *apitest.Run) { run.State = "cancelled" })
		}
	}
	for _, id := range append(w.broken, w.passing...) {
		w.checkout.Delete(id)
	}
}
