package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

var update = flag.Bool("update", false, "write the tables of README.md, collector/METRICS.md and deploy/BACKFILL.md anew")

func TestREADMEMetrics(t *testing.T) {
	group := []string{"project", "branch", "environment"}
	var runs, tests, own strings.Builder
	runs.WriteString("| metric | type | further labels | meaning |\n|---|---|---|---|\n")
	tests.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	own.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, m := range collector.Metrics() {
		table, labels := &own, m.Labels
		if len(labels) >= len(group) && slices.Equal(labels[:len(group)], group) {
			table, labels = &runs, labels[len(group):]
		} else if len(labels) > 0 && labels[0] == "project" {
			table = &tests
		}
		fmt.Fprintf(table, "| `%s` | %s | %s | %s |\n", m.Name, m.Type, inCode(labels), cell(m.Help))
	}
	checkTable(t, "collector/METRICS.md", "metrics of runs", runs.String())
	checkTable(t, "collector/METRICS.md", "metrics of tests", tests.String())
	checkTable(t, "collector/METRICS.md", "metrics of the exporter", own.String())
}

func TestREADMEFlags(t *testing.T) {
	model := newCommandLine().app.Model()
	checkTable(t, "README.md", "flags", flagTable(model.FlagGroupModel))
	for _, command := range model.Commands {
		if command.Name == "backfill" {
			checkTable(t, "deploy/BACKFILL.md", "flags of backfill", flagTable(command.FlagGroupModel))
		}
	}
}

func flagTable(flags *kingpin.FlagGroupModel) string {
	var table strings.Builder
	table.WriteString("| flag | default | meaning |\n|---|---|---|\n")
	for _, f := range flags.Flags {
		if f.Hidden || f.Name == "help" {
			continue
		}
		fmt.Fprintf(&table, "| `--%s` | %s | %s |\n", f.Name, cell(inCode(slices.DeleteFunc(f.Default, func(s string) bool { return s == "" }))), cell(f.Help))
	}
	return table.String()
}

func inCode(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = "`" + word + "`"
	}
	return strings.Join(quoted, ", ")
}

// cell keeps a text from ending its cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// checkTable compares what stands between two markers of a page, or with
// -update writes it.
func checkTable(t *testing.T, path, name, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	before, rest, begins := strings.Cut(string(text), begin)
	got, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s lacks the markers of the %s", path, name)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the %s in %s are not what the code has; run make docs (-code +%s):\n%s", name, path, path, cmp.Diff(want, got))
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}
