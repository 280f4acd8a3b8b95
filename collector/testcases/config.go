package testcases

import "time"

// Config says which tests are read, and how often.
type Config struct {
	// Top is how many tests with the highest fail rate, and how many with the
	// highest flaky rate, are shown. 0 reads none.
	Top int
	// Window is the span of time before a reading that is asked for.
	Window Window
	// Interval is how often the tests are read.
	Interval time.Duration
}

// Window is a number of days, with the name that the metrics carry.
type Window struct {
	Name string
	Days int
}

// DefaultConfig returns the defaults of the command line's flags.
func DefaultConfig() Config {
	return Config{Top: 20, Window: Window{Name: "7d", Days: 7}, Interval: 15 * time.Minute}
}

// maxAge is how old a reading may be and still be shown.
func (c *Config) maxAge() time.Duration { return 3 * c.Interval }
