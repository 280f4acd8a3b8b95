package collector

import (
	"regexp"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// Config says what is exposed and how fresh it is kept.
type Config struct {
	// Lookback is how far back runs count at all.
	Lookback time.Duration
	// Windows are the spans of the recent metrics, none longer than Lookback.
	Windows []Window
	// Branches keep series of their own where they match; it must be anchored.
	Branches *regexp.Regexp
	// KeepBranches are folded last by MaxGroups, whatever the number of their
	// runs; it must be anchored.
	KeepBranches *regexp.Regexp
	// MaxGroups is the most groups of one project; the rest is folded.
	MaxGroups int
	// ZeroHold is how long the counters of a new group are shown at 0.
	ZeroHold time.Duration
	// DurationUnit is the unit of the API's durations; UnitAuto finds out.
	DurationUnit history.Unit
	// ResyncInterval is how often the whole lookback is read again.
	ResyncInterval time.Duration
	// MinInterval is how long after a refresh began the next one may begin.
	MinInterval time.Duration
	// MaxStaleness is how old a snapshot may be and still be served.
	MaxStaleness time.Duration
	// Tests says which tests are read beside the runs.
	Tests testcases.Config
}

// DefaultConfig returns the defaults of the command line's flags.
func DefaultConfig() Config {
	const day = 24 * time.Hour
	return Config{
		Lookback:       8 * day,
		Windows:        []Window{{Name: "1d", Length: day}, {Name: "7d", Length: 7 * day}},
		Branches:       regexp.MustCompile(`^(?s:.*)$`),
		KeepBranches:   regexp.MustCompile(`^(?s:main|master)$`),
		MaxGroups:      200,
		ZeroHold:       2 * time.Minute,
		DurationUnit:   history.UnitAuto,
		ResyncInterval: time.Hour,
		MinInterval:    10 * time.Second,
		MaxStaleness:   5 * time.Minute,
		Tests:          testcases.DefaultConfig(),
	}
}

// Window is a span of time up to now, with the name that its metrics carry.
type Window struct {
	Name   string
	Length time.Duration
}
