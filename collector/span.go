package collector

import (
	"math"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// span is a span of time in nanoseconds since 1970, with its beginning and
// without its end.
type span struct{ from, until int64 }

var always = span{math.MinInt64, math.MaxInt64}

func (s span) contain(at int64) bool { return s.from <= at && at < s.until }

// and returns what two spans have in common.
func (s span) and(other span) span {
	return span{max(s.from, other.from), min(s.until, other.until)}
}

// narrow leaves of a span the moments at which the same runs lie in a window of
// this length as at one of them, and returns the position of the first that does.
func (s *span) narrow(runs *history.Group, at int64, window time.Duration) (first int) {
	first = runs.After(at - int64(window))
	if first > 0 {
		s.from = max(s.from, leaves(runs.Run(first-1), window))
	}
	if first < runs.Len() {
		s.until = min(s.until, leaves(runs.Run(first), window))
	}
	return first
}

// leaves returns when a run leaves a window.
func leaves(r *history.Run, window time.Duration) int64 {
	if r.Created > math.MaxInt64-int64(window) {
		return math.MaxInt64
	}
	return r.Created + int64(window)
}
