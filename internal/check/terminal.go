package check

import (
	"os"
	"time"

	"golang.org/x/term"

	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// ToStreams returns the Output for a report on one stream and the progress on
// another: with colours and a bar on a terminal, plain elsewhere. The environment
// is looked up for NO_COLOR and TERM.
func ToStreams(report, progress *os.File, lookup func(string) string, asJSON bool) Output {
	out := Output{Report: report, JSON: asJSON, Now: time.Now}
	if width, _, err := term.GetSize(int(report.Fd())); err == nil {
		out.Style = Style{Colour: lookup("NO_COLOR") == "" && !terminal.Plain(lookup), Width: width}
	}
	out.Progress = terminal.Progress(progress, lookup)
	return out
}
