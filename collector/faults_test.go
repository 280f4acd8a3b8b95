package collector_test

import (
	"flag"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// fault is one thing that an API, a key or a clock may do, and what must come of it.
type fault struct {
	what    string // in words, for people
	inject  func(*trial) (mend func())
	reason  string // that the refresh fails for; empty where it works all the same
	says    string // expression for the one line of the log; empty is no line
	refused string // reason that one item is left out for

	// survivedWarm is set where a warm refresh, which reads little, does not meet what
	// makes a cold one fail; coldOnly where it cannot meet it at all.
	survivedWarm, coldOnly bool
	door                   bool          // inject uses the trial's door
	timeout                time.Duration // of a request; 5 s where 0
	hangs                  bool          // so that it is worth to wait for all kinds at once
	costly                 bool          // tried on two kinds only
	waits                  bool          // pauses between retries are not skipped
	// settles is set where what is shown is right only after the fault: runs came
	// or went while they were read. A resync may have to bring it.
	settles bool
}

var everyKind = flag.Bool("every-kind", false, "let every fault meet all eight kinds of exporter, not four")

func allFaults() []fault {
	return slices.Concat(statusFaults(), networkFaults(), bodyFaults(), itemFaults(), listFaults(), changeFaults())
}

// TestFaults lets every fault happen to every kind of exporter. That a scrape
// never waits longer than its scraper is tested by TestScrapeNeverWaitsLonger.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range allFaults() {
		t.Run(strings.ReplaceAll(f.what, "/", " "), func(t *testing.T) {
			t.Parallel()
			var kinds sync.WaitGroup
			for _, k := range f.kinds() {
				try := func() { t.Run(k.String(), func(t *testing.T) { f.try(newTrial(t, k, &f)) }) }
				if f.hangs {
					kinds.Go(try)
				} else {
					try()
				}
			}
			kinds.Wait()
		})
	}
}

// kinds returns the kinds of exporter that meet the fault: of the eight, unless
// -every-kind is given, those four in which each two of items, cold or warm
// and number of keys come together; two where the fault costs much.
func (f *fault) kinds() []kind {
	return slices.DeleteFunc(allKinds(), func(k kind) bool {
		left := k.stateless != k.warm != (k.keys == 3)
		return f.coldOnly && k.warm || !*everyKind && (!left || f.costly && k.stateless != k.warm)
	})
}

// try lets the fault happen, looks, mends it and looks again.
func (f *fault) try(tr *trial) {
	if tr.kind.warm {
		tr.noteAll()
		tr.refresh()
		tr.mustShow("before")
		tr.live()
	}
	tr.log.take()
	mend := f.inject(tr)
	tr.noteOthers()
	if !f.fails(tr.kind) {
		tr.note(tr.faulty)
	}
	f.meet(tr)
	mend()
	f.recover(tr)
}

func (f *fault) fails(k kind) bool { return f.reason != "" && (!f.survivedWarm || !k.warm) }

// meet scrapes while the fault lasts.
func (f *fault) meet(tr *trial) {
	tr.scrape(50 * time.Millisecond)
	tr.refresh()
	got, others := tr.gather()
	if about := diff(got, tr.wanted()); about != "" && !f.settles {
		tr.Errorf("during the fault:\n%s", about)
	}
	f.mustCount(tr, others)
	f.mustLog(tr)
}

// mustCount checks the exporter's own metrics, of the key under trial and the others.
func (f *fault) mustCount(tr *trial, shown exposition) {
	tr.Helper()
	ended := 1.0
	if tr.kind.warm {
		ended++
	}
	up, failed := 1.0, ""
	if f.fails(tr.kind) {
		up, failed = 0, f.reason
	}
	for i := range tr.projects {
		name, wantUp, wantReason, wantRefused := tr.name(i), 1.0, "", ""
		if i == tr.faulty {
			wantUp, wantReason, wantRefused = up, failed, f.refused
		}
		tr.mustBe(shown, wantUp, "empirical_up", "key", name)
		tr.mustBe(shown, ended, "empirical_exporter_refreshes_total", "key", name)
		for _, reason := range []string{
			"unauthorized", "rate_limited", "timeout", "network", "server", "request", "response", "duplicate_project",
		} {
			tr.mustBe(shown, truth(reason == wantReason), "empirical_exporter_refresh_failures_total", "key", name, "reason", reason)
		}
		for _, reason := range []string{"id", "created_at", "count", "duration", "malformed"} {
			tr.mustBe(shown, truth(reason == wantRefused), "empirical_exporter_refused_runs_total", "key", name, "reason", reason)
		}
	}
}

// mustLog wants one line on the key under trial, or none.
func (f *fault) mustLog(tr *trial) {
	tr.Helper()
	lines, more := tr.log.take()
	for _, line := range slices.Concat(lines, more) {
		tr.mustNotTellKeys(line)
	}
	if f.says == "" || (f.survivedWarm && tr.kind.warm) {
		if len(lines) != 0 {
			tr.Errorf("logged without need: %q", lines)
		}
		return
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "key="+faultyName+" ") || !regexp.MustCompile(f.says).MatchString(lines[0]) {
		tr.Errorf("logged %q, want one line on %s with %q", lines, faultyName, f.says)
	}
}

// recover scrapes once after the fault, when everything must be right again.
func (f *fault) recover(tr *trial) {
	tr.live()
	tr.noteAll()
	if f.settles {
		tr.settle()
	}
	tr.refresh()
	others := tr.mustShow("after the fault")
	for i := range tr.projects {
		tr.mustBe(others, 1, "empirical_up", "key", tr.name(i))
	}
	lines, more := tr.log.take()
	if len(lines) != 0 {
		tr.Errorf("logged after the fault: %q", lines)
	}
	if back := "up to date\" key=" + faultyName; f.fails(tr.kind) && !strings.Contains(strings.Join(more, "\n"), back) {
		tr.Errorf("logged after the fault %q, want a line with %q", more, back)
	}
}

// settle lets a resync begin and waits for what it brings.
func (tr *trial) settle() {
	tr.Helper()
	tr.apiClock.advance(testConfig().ResyncInterval)
	tr.clock.advance(testConfig().ResyncInterval)
	for deadline := time.Now().Add(20 * time.Second); ; {
		tr.refresh()
		got, _ := tr.gather()
		about := diff(got, tr.wanted())
		if about == "" {
			return
		}
		if time.Now().After(deadline) {
			tr.Fatalf("after a resync:\n%s", about)
		}
	}
}

// name is the configured name of a project's key.
func (tr *trial) name(project int) string {
	if project == tr.faulty {
		return faultyName
	}
	return "key-" + string(rune('0'+project))
}

// answers makes a fault of what the API answers to all requests of the key.
func answers(f apitest.Fault) func(*trial) func() {
	return func(tr *trial) func() { return tr.inject(f) }
}

// answersOnce makes a fault of what the API answers to the next request of the key.
func answersOnce(f apitest.Fault) func(*trial) func() {
	return func(tr *trial) func() { return tr.api.InjectN(1, f, tr.mine()) }
}
