// Package terminal shows on a terminal how far a command is.
package terminal

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"
)

// Plain reports whether the environment, which is looked up for TERM, says that the
// terminal takes nothing but plain text.
func Plain(lookup func(string) string) bool { return cmp.Or(lookup("TERM"), "dumb") == "dumb" }

// Progress returns the stream where it is a terminal that can show progress, else
// nil. The environment is looked up for TERM.
func Progress(stream *os.File, lookup func(string) string) io.Writer {
	if Plain(lookup) || !term.IsTerminal(int(stream.Fd())) {
		return nil
	}
	return stream
}

const (
	// showAfter is how long a command may take without a word.
	showAfter = time.Second
	showEvery = 200 * time.Millisecond
	barWidth  = 30
)

// Show shows a text on a terminal, again and again in place of itself, until stop
// is called. Then it is gone. Where the terminal is nil nothing is shown.
func Show(terminal io.Writer, text func() string) (stop func()) {
	if terminal == nil {
		return func() {}
	}
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		timer := time.NewTimer(showAfter)
		defer timer.Stop()
		shown := false
		for {
			select {
			case <-ended:
				if shown {
					Clear(terminal)
				}
				return
			case <-timer.C:
				shown = true
				write(terminal, text())
				timer.Reset(showEvery)
			}
		}
	}()
	return func() {
		close(ended)
		<-gone
	}
}

// Clear takes away the text that the terminal shows.
func Clear(terminal io.Writer) { write(terminal, "") }

// write writes a text in place of the line that the cursor is in.
func write(w io.Writer, text string) {
	_, _ = io.WriteString(w, "\r\x1b[K"+text) // progress that cannot be shown is not missed
}

// Bar returns a bar that is filled as far as the work is done. Of is not 0.
func Bar(done, of int) string {
	filled := barWidth * done / of
	return fmt.Sprintf("[%s%s]", strings.Repeat("#", filled), strings.Repeat("-", barWidth-filled))
}

// Number writes a number with commas, as in 12,345.
func Number[T ~int | ~int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var groups []string
	for len(digits) > 3 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return sign + strings.Join(groups, ",")
}
