package collector_test

import (
	"os"
	"strings"
	"testing"
)

const faultsTable = "FAULTS.md"

const faultsIntroduction = `# What was tried

Written by the test that tries it (` + "`go test ./collector -run Faults -update`" + `), so it lists what is
really tested: ` + "`TestFaults`" + ` lets each of these happen to one API key, over real HTTP. It is tried with items
that carry their state and with items that do not, on a first refresh and on a later one, with one key and
with three. Each time the test also sees that

* the other keys are shown as though nothing had happened,
* the log has the one line that is named here, about the right key, and no other warning,
* the next good refresh shows exactly what the API then has, and
* no key stands in a metric, a status or a log line.

"as before" is what the last good refresh read, windows moved on with the time, ` + "`empirical_up`" + ` 0; before any good
refresh it is nothing but the exporter's own metrics. "as the API has it" is exact, with ` + "`empirical_up`" + ` 1.
That a scrape is answered within its deadline, however long the API hangs, is ` + "`TestScrapeNeverWaitsLonger`" + `.

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
	case f.settles:
		shows = "all that it was sure to meet; after a resync as the API has it"
	case f.refused != "":
		shows = "as the API has it, without that run"
	}
	if f.reason != "" {
		reason = "`" + f.reason + "`"
	}
	if f.refused != "" {
		reason = "none; refused as `" + f.refused + "`"
	}
	if f.says != "" {
		says = "`" + strings.ReplaceAll(f.says, "|", `\|`) + "`"
	}
	return "| " + strings.Join([]string{f.what, shows, reason, says}, " | ") + " |\n"
}
