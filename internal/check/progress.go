package check

import (
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// bar says how far the reading of all keys is.
func (c *checker) bar() string {
	read, of, trouble := 0, 0, ""
	for _, key := range c.keys {
		r, all, last := c.observers[key.Name].progress()
		read, of = read+r, of+all
		if last != "" {
			trouble = ", last answer: " + last
		}
	}
	if of == 0 {
		return "waiting for the API" + trouble
	}
	return "reading runs " + terminal.Bar(read, of) + " " + terminal.Number(read) + " of " + terminal.Number(of) + trouble
}
