package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// counted writes a number of things: 1 run, 2 runs.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return terminal.Number(n) + " " + thing + "s"
}

// of writes how many of all there are.
func of(n, all int, things string) string {
	switch n {
	case all:
		return fmt.Sprintf("all %s %s", terminal.Number(all), things)
	default:
		return fmt.Sprintf("%s of %s %s", terminal.Number(n), terminal.Number(all), things)
	}
}

// age writes how long something is ago, to be read and not to be computed with.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return counted(int(max(d, 0)/time.Second), "second")
	case d < 2*time.Hour:
		return counted(int(d/time.Minute), "minute")
	case d < 2*day:
		return counted(int(d/time.Hour), "hour")
	default:
		return counted(int(d/day), "day")
	}
}

// latency writes how long a request took.
func latency(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return fmt.Sprintf("%.1f s", seconds)
}

// tally writes how many there are of each name, the most frequent first, no more than most.
func tally(counts map[string]int, most int) string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, 0, most)
	for _, name := range names[:min(most, len(names))] {
		parts = append(parts, terminal.Number(counts[name])+" "+name)
	}
	return andMore(parts, len(names))
}

// andMore joins some of all words.
func andMore(words []string, all int) string {
	text := strings.Join(words, ", ")
	if more := all - len(words); more > 0 {
		text += fmt.Sprintf(" and %s more", terminal.Number(more))
	}
	return text
}

// printable makes a text of the API fit for a terminal: one line without control
// characters, no longer than most runes.
func printable(text string, most int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(text, "?")))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// countedAs is like counted for things whose plural is not with an s.
func countedAs(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return terminal.Number(n) + " " + many
}

// decimal writes a number with no more digits than needed.
func decimal(x float64) string {
	if x == float64(int64(x)) {
		return terminal.Number(int64(x))
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// spelled writes a duration as flags take it.
func spelled(d time.Duration) string { return model.Duration(d).String() }
