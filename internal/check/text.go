package check

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Style says how text is written.
type Style struct {
	Colour bool
	// Width is where lines are broken, in characters; 0 is nowhere.
	Width int
}

// writeJSON writes the report for a bug report.
func writeJSON(w io.Writer, report *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}

// meanings explain the marks that need it.
var meanings = []struct {
	mark Mark
	text string
}{
	{Docs, "the API does other than its documentation says, and the exporter copes"},
	{Note, "worth a look"},
	{Fix, "must be put right"},
}

var colours = map[Mark]string{OK: "32", Docs: "36", Note: "33", Fix: "31;1"}

// Widths of the columns of a line.
const (
	markWidth    = 4
	subjectWidth = 11
	indent       = 2 + markWidth + 2 + subjectWidth + 2
	minWidth     = indent + 30 // below it, a terminal breaks the lines
)

// writeText writes the report for people.
func writeText(w io.Writer, report *Report, style Style) error {
	t := &textWriter{style: style}
	t.line("empirical_exporter %s, check of the last %s at %s", report.Version, report.Lookback, report.CheckedAt.Format(time.DateTime+" MST"))
	marks := map[Mark]bool{}
	for _, key := range report.Keys {
		t.line("")
		t.line("%s", t.bold("Key "+printable(key.Key, 100)))
		for _, section := range key.Findings {
			t.line("%s", t.bold(section.Title))
			for _, line := range section.Head {
				t.line("%s%s", strings.Repeat(" ", indent), line)
			}
			for i := range section.Findings {
				t.finding(&section.Findings[i])
				marks[section.Findings[i].Mark] = true
			}
		}
	}
	t.line("")
	for _, meaning := range meanings {
		if marks[meaning.mark] {
			t.line("  %s  %s", t.mark(meaning.mark), meaning.text)
		}
	}
	t.line("%s", t.bold(verdict(report)))
	_, err := io.WriteString(w, t.text.String())
	return err
}

// verdict says how many findings must be put right, and with which of several keys.
func verdict(report *Report) string {
	if len(report.Keys) == 0 {
		return "There is no key to check."
	}
	if report.PutRight == 0 {
		return "Nothing must be put right."
	}
	text := counted(report.PutRight, "thing") + " must be put right"
	if len(report.Keys) == 1 {
		return text + "."
	}
	var keys []string
	for i := range report.Keys {
		if report.Keys[i].mustBePutRight() > 0 {
			keys = append(keys, printable(report.Keys[i].Key, 100))
		}
	}
	return text + ", of " + strings.Join(keys, ", ") + "."
}

// textWriter writes lines.
type textWriter struct {
	style Style
	text  strings.Builder
}

func (t *textWriter) line(format string, values ...any) {
	fmt.Fprintf(&t.text, format+"\n", values...)
}

// finding writes one finding: mark, subject and text in columns, and below it what
// belongs to it.
func (t *textWriter) finding(f *Finding) {
	text, lines := f.Text, f.Table
	if f.Documented != "" && f.Mark != OK {
		text += " (documented: " + f.Documented + ")"
	}
	if text != "" {
		lines = wrap(printable(text, 2000), t.style.Width-indent)
	}
	if f.Advice != "" {
		lines = append(lines, wrap("what to do: "+printable(f.Advice, 2000), t.style.Width-indent)...)
	}
	t.line("  %s  %-*s  %s", t.mark(f.Mark), subjectWidth, f.Subject, lines[0])
	for _, line := range lines[1:] {
		t.line("%s%s", strings.Repeat(" ", indent), line)
	}
}

func (t *textWriter) mark(mark Mark) string {
	return t.colour(colours[mark], fmt.Sprintf("%-*s", markWidth, mark))
}

func (t *textWriter) bold(text string) string { return t.colour("1", text) }

func (t *textWriter) colour(code, text string) string {
	if !t.style.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// wrap breaks a text between words into lines of a width. A width that is too
// small for that breaks nothing.
func wrap(text string, width int) []string {
	if width < minWidth-indent {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
