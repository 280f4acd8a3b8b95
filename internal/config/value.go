package config

import (
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/collector/testcases"
)

// ValueError says what is wrong with the value of a flag and what to write
// instead.
type ValueError struct {
	flag string
	text string
	err  error
}

// Error implements error.
func (e *ValueError) Error() string { return fmt.Sprintf("--%s %q: %v", e.flag, e.text, e.err) }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.err }

// value is a kingpin.Value whose errors are ValueErrors.
type value[T any] struct {
	flag   string
	parse  func(string) (T, error)
	target *T
}

var _ kingpin.Value = (*value[int])(nil)

func set[T any](clause *kingpin.FlagClause, target *T, parse func(string) (T, error)) {
	clause.SetValue(&value[T]{flag: clause.Model().Name, parse: parse, target: target})
}

// Set implements kingpin.Value.
func (v *value[T]) Set(text string) error {
	parsed, err := v.parse(text)
	if err != nil {
		return &ValueError{v.flag, text, err}
	}
	*v.target = parsed
	return nil
}

// String implements kingpin.Value.
func (v *value[T]) String() string { return fmt.Sprint(*v.target) }

func duration(text string) (time.Duration, error) {
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, errors.New("not a duration; write it as Prometheus does, such as 30s, 1h30m or 7d")
	}
	return time.Duration(d), nil
}

func positiveDuration(text string) (time.Duration, error) {
	d, err := duration(text)
	if err == nil && d == 0 {
		err = errors.New("must be longer than 0; write a duration such as 30s, 1h30m or 7d")
	}
	return d, err
}

func wholeNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, errors.New("must be a whole number, 0 or more")
	}
	return n, nil
}

func positiveInt(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("must be a whole number, 1 or more")
	}
	return n, nil
}

func testCount(text string) (int, error) {
	n, err := wholeNumber(text)
	if err == nil && n > apiclient.MaxTestCases {
		err = fmt.Errorf("must be %d or less, which is the most that the API gives", apiclient.MaxTestCases)
	}
	return n, err
}

func testWindow(text string) (testcases.Window, error) {
	const day = 24 * time.Hour
	length, err := duration(text)
	if err != nil {
		return testcases.Window{}, err
	}
	if length%day != 0 || length < day || length > apiclient.MaxAnalyticsDays*day {
		return testcases.Window{}, fmt.Errorf("must be whole days, 1d to %dd", apiclient.MaxAnalyticsDays)
	}
	return testcases.Window{Name: text, Days: int(length / day)}, nil
}

func perSecond(text string) (float64, error) {
	r, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(r) || math.IsInf(r, 0) || r < 0 {
		return 0, errors.New("not a rate; write a number of requests a second, such as 20 or 0.5, or 0 for no limit")
	}
	return r, nil
}

// An anchored expression has to match the whole text, as in Prometheus.
const anchorStart, anchorEnd = "^(?s:", ")$"

// anchoredRegexp compiles an expression and anchors it. The expression must also
// compile by itself: "a)|(b" does not, though the anchored one would.
func anchoredRegexp(text string) (*regexp.Regexp, error) {
	_, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("not a regular expression in RE2 syntax (%w); write one such as main|release/.*", err)
	}
	return regexp.Compile(anchorStart + text + anchorEnd)
}

// unanchored returns what anchoredRegexp made the expression of.
func unanchored(expression *regexp.Regexp) string {
	return strings.TrimSuffix(strings.TrimPrefix(expression.String(), anchorStart), anchorEnd)
}

// pathExcept parses a path that is none of those taken.
func pathExcept(taken []string) func(string) (string, error) {
	return func(text string) (string, error) {
		switch {
		case !strings.HasPrefix(text, "/") || path.Clean(text) != text || strings.ContainsAny(text, "{}?#% \t\r\n"):
			return "", errors.New("not a plain path; write one such as /metrics")
		case slices.Contains(taken, text):
			return "", errors.New("already serves something else; write a path such as /metrics")
		}
		return text, nil
	}
}

func durationUnit(text string) (history.Unit, error) {
	unit, ok := history.UnitNamed(text)
	if !ok {
		return unit, fmt.Errorf("write one of %s", strings.Join(history.Units(), ", "))
	}
	return unit, nil
}

func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", fmt.Errorf("write one of %s", strings.Join(words, ", "))
		}
		return text, nil
	}
}
