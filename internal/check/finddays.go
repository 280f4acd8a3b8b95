package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// section puts the exporter's own count of whole days beside the API's. An equal
// day is one line; one that differs shows both.
func (f *DayFacts) section() Section {
	s := Section{Title: "Whole days in UTC, by the exporter's count and by the API's own"}
	switch {
	case f.Error != "":
		s.Findings = []Finding{{Mark: Note, Subject: "days", Text: "the API's own sums cannot be read, so nothing shows whether it counts the same: " + f.Error}}
		return s
	case len(f.Days) == 0:
		s.Findings = []Finding{{Mark: OK, Subject: "days", Text: "no whole day lies in the lookback, so there is nothing to compare"}}
		return s
	}
	if !slices.ContainsFunc(f.Days, func(d Day) bool { return !d.Equal || d.Exporter != (Sums{}) }) {
		s.Findings = []Finding{{Mark: OK, Subject: "days", Text: fmt.Sprintf("no run on %s, by both counts", counted(len(f.Days), "day"))}}
		return s
	}
	s.Head = heads()
	for i := range f.Days {
		s.Findings = append(s.Findings, f.day(&f.Days[i]))
	}
	if f.FlakyBeside {
		s.Findings = append(s.Findings, Finding{
			Mark: OK, Subject: "flaky",
			Text: "the API's sums have flaky tests beside passed ones, its runs and the exporter among them; here they are added to the API's passed tests",
		})
	}
	if f.Refused > 0 {
		s.Findings = append(s.Findings, Finding{Mark: Note, Subject: "days", Text: "cannot be read in the API's sums: " + countedAs(f.Refused, "entry", "entries")})
	}
	return s
}

func (f *DayFacts) day(d *Day) Finding {
	own := d.Exporter.values()
	finding := Finding{Mark: OK, Subject: d.Date, Table: []string{row(own, terminal.Number[Sum], "the same")}}
	switch {
	case d.Equal:
		return finding
	case d.API == nil:
		finding.Mark, finding.Table = Note, []string{row(own, terminal.Number[Sum], "exporter; the API does not have this day")}
		return finding
	}
	api := d.API.asExporter(f.FlakyBeside).values()
	differences := make([]Sum, len(own))
	for i := range own {
		if api[i] != notSaid {
			differences[i] = api[i] - own[i]
		}
	}
	finding.Mark = Note
	finding.Table = []string{row(own, terminal.Number[Sum], "exporter"), row(api, said, "API"), row(differences, signed, "difference")}
	return finding
}

// columns are the names of the sums, in the order of Sums.values, and their widths.
var columns = []struct {
	name  string
	width int
}{{"passed", 7}, {"failed", 6}, {"error", 6}, {"cancelled", 9}, {"passed", 11}, {"failed", 7}, {"flaky", 7}}

// heads are the lines above the table.
func heads() []string {
	var names strings.Builder
	for _, column := range columns {
		fmt.Fprintf(&names, "%*s ", column.width, column.name)
	}
	return []string{fmt.Sprintf("%*s%*s", columns[0].width, "runs", 35, "tests"), strings.TrimRight(names.String(), " ")}
}

// row writes sums in columns, and whose they are.
func row(sums []Sum, write func(Sum) string, whose string) string {
	var cells strings.Builder
	for i, column := range columns {
		fmt.Fprintf(&cells, "%*s ", column.width, write(sums[i]))
	}
	return cells.String() + " " + whose
}

// said writes a sum of the API.
func said(n Sum) string {
	if n == notSaid {
		return "-"
	}
	return terminal.Number(n)
}

// signed writes a difference, and nothing where there is none.
func signed(n Sum) string {
	switch {
	case n == 0:
		return ""
	case n > 0:
		return "+" + terminal.Number(n)
	default:
		return terminal.Number(n)
	}
}
