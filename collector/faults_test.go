package collector_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// fault is one thing that an API, a key or a clock may do, and what must come of it.
type fault struct {
	what    string // in words, for people
	inject  func(*testbed) (mend func())
	reason  string // that the refresh fails for; empty where it works all the same
	says    string // expression for the one line of the log; empty is no line
	refused string // reason that one item is left out for
	waits   bool   // it is long enough for the word that requests fail and are sent again
	mayWait bool   // as waits, where parallel requests come in the right order
	most    bool   // most items are left out, for that reason

	// survivedWarm is set where a warm refresh, which reads little, does not meet what
	// makes a cold one fail; coldOnly where it cannot meet it at all.
	survivedWarm, coldOnly bool
	proxied                bool          // inject uses the testbed's proxy
	secured, relayed       bool          // as in a setup
	pauses                 bool          // as in a setup
	timeout                time.Duration // of a request; the client's default where 0
	hangs                  bool          // tried by TestFaults_Timeouts
	few                    bool          // tried on two kinds only: it costs much, or more would tell nothing new
	// late is set where what is shown is right only after the fault: runs came
	// or went while they were read. A resync may have to bring it.
	late bool
}

var everyKind = flag.Bool("every-kind", false, "let every fault meet all eight kinds of exporter, not some")

// kind is one way to meet a fault.
type kind struct {
	byList bool
	warm   bool // after a good refresh
	keys   int  // of which one meets the fault
}

func (k kind) String() string {
	refresh := "cold"
	if k.warm {
		refresh = "warm"
	}
	return fmt.Sprintf("%s, %s, keys %d", refresh, wayName(k.byList), k.keys)
}

func allKinds() (all []kind) {
	for _, byList := range []bool{false, true} {
		for _, warm := range []bool{false, true} {
			for _, keys := range []int{1, 3} {
				all = append(all, kind{byList, warm, keys})
			}
		}
	}
	return all
}

func allFaults() []fault {
	return slices.Concat(few(statusFaults()), networkFaults(), wayFaults(), few(bodyFaults()), few(itemFaults()), listFaults(), changeFaults())
}

// few marks faults that concern single answers and items, whoever asked for them.
func few(faults []fault) []fault {
	for i := range faults {
		faults[i].few = true
	}
	return faults
}

// withMinInterval has refreshes be due as often as by default.
func withMinInterval(c *collector.Config) { c.MinInterval = collector.DefaultConfig().MinInterval }

// TestFaults lets every fault happen to every kind of exporter. That a scrape
// never waits longer than its scraper is tested by TestScrape_WithinDeadline.
func TestFaults(t *testing.T) {
	t.Parallel()
	var brake brake
	for _, f := range allFaults() {
		if f.hangs {
			continue
		}
		t.Run(strings.ReplaceAll(f.what, "/", " "), func(t *testing.T) {
			t.Parallel()
			for _, k := range f.kinds() {
				brake.run(t, k.String(), func(t *testing.T) { f.try(t, k) })
			}
		})
	}
}

// TestFaults_Timeouts lets those faults happen that end with a timeout. They are
// waited for all at once, and with no other test beside them: on a busy machine
// a good answer too would take longer than the short timeout.
func TestFaults_Timeouts(t *testing.T) {
	var all sync.WaitGroup
	for _, f := range allFaults() {
		if !f.hangs {
			continue
		}
		for _, k := range f.kinds() {
			all.Go(func() { t.Run(f.what+", "+k.String(), func(t *testing.T) { f.try(t, k) }) })
		}
	}
	all.Wait()
}

// kinds returns the kinds of exporter that meet the fault: of the eight, unless
// -every-kind is given, those four in which each two of way, cold or warm and
// number of keys come together, or two in which each of them comes.
func (f *fault) kinds() []kind {
	return slices.DeleteFunc(allKinds(), func(k kind) bool {
		four := k.byList != k.warm != (k.keys == 3)
		two := k.byList == k.warm && k.byList != (k.keys == 3)
		chosen := *everyKind || four && !f.few || two && f.few
		return !chosen || f.coldOnly && k.warm
	})
}

// try lets the fault happen, looks, mends it and looks again.
func (f *fault) try(t *testing.T, k kind) {
	t.Helper()
	tb := newTestbed(t, setup{byList: k.byList, keys: k.keys, proxied: f.proxied, secured: f.secured, relayed: f.relayed, pauses: f.pauses, timeout: f.timeout, configure: withMinInterval})
	tb.addPast()
	tb.start()
	if k.warm {
		tb.scrape()
		tb.wantAll("before the fault")
		tb.live()
	}
	tb.log.take()
	mend := f.inject(tb)
	f.meet(tb, k)
	mend()
	f.recover(tb, k)
}

func (f *fault) fails(k kind) bool { return f.reason != "" && (!f.survivedWarm || !k.warm) }

// meet scrapes while the fault lasts.
func (f *fault) meet(tb *testbed, k kind) {
	tb.Helper()
	tb.failing = f.fails(k)
	tb.scrapeWithin(50 * time.Millisecond)
	tb.scrape()
	f.wantLogged(tb, k)
	f.wantCounted(tb, k)
	if !f.late {
		tb.wantAll("during the fault")
	}
}

// wantCounted checks the exporter's own metrics, of the tested key and the others.
func (f *fault) wantCounted(tb *testbed, k kind) {
	tb.Helper()
	for _, s := range tb.sources {
		failed, refused := "", ""
		if s == tb.project {
			refused = f.refused
		}
		if s == tb.project && f.fails(k) {
			failed = f.reason
		}
		tb.wantSample("empirical_up", labels{"key": s.key}, boolToFloat(failed == ""))
		tb.wantSample("empirical_exporter_refreshes_total", labels{"key": s.key}, 1+boolToFloat(k.warm))
		for _, reason := range []string{
			"unauthorized", "rate_limited", "timeout", "network", "tls", "server", "request", "response", "duplicate_project",
		} {
			tb.wantSample("empirical_exporter_refresh_failures_total", labels{"key": s.key, "reason": reason}, boolToFloat(reason == failed))
		}
		for _, reason := range []string{"id", "created_at", "count", "duration", "malformed"} {
			if of := (labels{"key": s.key, "reason": reason}); reason != refused || !f.most {
				tb.wantSample("empirical_exporter_refused_runs_total", of, boolToFloat(reason == refused))
			} else if n := tb.shown.with("empirical_exporter_refused_runs_total", of).sum(); n < 4 {
				tb.Errorf("%v items are refused, want most of them", n)
			}
		}
	}
}

// wantLogged wants one line on the tested key, or none.
func (f *fault) wantLogged(tb *testbed, k kind) {
	tb.Helper()
	lines, more := tb.log.take()
	tb.wantNoSecret(slices.Concat(lines, more)...)
	lines = f.withoutWaiting(tb, lines)
	if f.says == "" || (f.survivedWarm && k.warm) {
		if len(lines) != 0 {
			tb.Errorf("logged without need: %q", lines)
		}
		return
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "key="+testedKey+" ") || !regexp.MustCompile(f.says).MatchString(lines[0]) {
		tb.Errorf("logged %q, want one line on %s with %q", lines, testedKey, f.says)
	}
}

// waiting is the word that a refresh logs while its requests fail.
var waiting = regexp.MustCompile(`level=warn .*"requests fail; they are sent again" key=` + testedKey + ` until=20\S+Z reason=\w+ err=.* advice=`)

// withoutWaiting removes the word that requests fail and are sent again, which
// comes at most once.
func (f *fault) withoutWaiting(tb *testbed, lines []string) (others []string) {
	tb.Helper()
	n := 0
	for _, line := range lines {
		if waiting.MatchString(line) {
			n++
		} else {
			others = append(others, line)
		}
	}
	if want := int(boolToFloat(f.waits)); n != want && (n != 1 || !f.mayWait) {
		tb.Errorf("logged %d times that requests are sent again, want %d: %q", n, want, lines)
	}
	return others
}

// recover scrapes once after the fault, when everything must be right again.
func (f *fault) recover(tb *testbed, k kind) {
	tb.Helper()
	tb.failing = false
	tb.live()
	if f.late {
		tb.clock.advance(tb.config.ResyncInterval)
		tb.wantAllSoon("after the fault")
	}
	tb.scrape()
	tb.wantAll("after the fault")
	for _, s := range tb.sources {
		tb.wantSample("empirical_up", labels{"key": s.key}, 1)
	}
	lines, more := tb.log.take()
	if len(lines) != 0 {
		tb.Errorf("logged after the fault: %q", lines)
	}
	if back := "up to date\" key=" + testedKey; f.fails(k) && !strings.Contains(strings.Join(more, "\n"), back) {
		tb.Errorf("logged after the fault %q, want a line with %q", more, back)
	}
}

// answers makes a fault of what the API answers to all requests of the key.
func answers(f apitest.Fault) func(*testbed) func() {
	return func(tb *testbed) func() { return tb.inject(f) }
}

// answersOnce makes a fault of what the API answers to the next request of the key.
func answersOnce(f apitest.Fault) func(*testbed) func() {
	return func(tb *testbed) func() { return tb.api.InjectN(1, f, tb.mine()) }
}

const faultsTable = "FAULTS.md"

const faultsIntroduction = `# What was tried

Written by the test that tries it (` + "`go test ./collector -run Faults -update`" + `), so it lists what is
really tested: ` + "`TestFaults`" + ` lets each of these happen to one API key, over real HTTP. It is tried with items
that carry their state and with items that do not, on a first refresh and on a later one, with one key and
with three. Each time the test also sees that

* the other keys are shown as though nothing had happened,
* the log has the one line that is named here, about the right key, and no other warning; before it, where requests
  are sent again for 5 s, one that says so and until when,
* the next good refresh shows exactly what the API then has, and
* no key stands in a metric, a status or a log line.

"as before" is what the last good refresh read, windows moved on with the time, ` + "`empirical_up`" + ` 0; before any good
refresh it is nothing but the exporter's own metrics. "as the API has it" is exact, with ` + "`empirical_up`" + ` 1.
That a scrape is answered within its deadline, however long the API hangs, is ` + "`TestScrape_WithinDeadline`" + `.

| the API … | run metrics of the key | failure reason | the log says |
|---|---|---|---|
`

// TestFaultsTable keeps the table of what was tried as the tests have it.
func TestFaultsTable(t *testing.T) {
	var table strings.Builder
	table.WriteString(faultsIntroduction)
	for _, f := range allFaults() {
		table.WriteString(f.row())
	}
	table.WriteString(testsFaultsIntroduction)
	for _, f := range testsFaults() {
		table.WriteString(f.row())
	}
	if *update {
		if err := os.WriteFile(faultsTable, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(faultsTable)
	if err != nil {
		t.Fatal(err)
	}
	if string(file) != table.String() {
		t.Errorf("%s is not what the tests try; run go test ./collector -run Faults -update", faultsTable)
	}
}

func (f *fault) row() string {
	shows, reason, says := "as the API has it", "none", "nothing"
	switch {
	case f.survivedWarm:
		shows = "as before; a refresh that need not read that far: as the API has it"
	case f.reason != "":
		shows = "as before"
	case f.late:
		shows = "all that it was sure to meet; after a resync as the API has it"
	case f.refused != "":
		shows = "as the API has it, without that run"
	}
	if f.reason != "" {
		reason = "`" + f.reason + "`"
	} else if f.refused != "" {
		reason = "none; refused as `" + f.refused + "`"
	}
	if f.says == "" && (f.waits || f.mayWait) {
		says = "that requests are sent again, if they are for 5 s"
	}
	if f.says != "" {
		says = "`" + strings.ReplaceAll(f.says, "|", `\|`) + "`"
	}
	return "| " + strings.Join([]string{f.what, shows, reason, says}, " | ") + " |\n"
}
