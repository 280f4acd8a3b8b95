package collector

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"time"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// place is where a run ran, as the API names it.
type place struct{ branch, environment string }

// tests are counts of tests.
type tests struct{ total, passed, failed, flaky, skipped, snoozed int64 }

// run is a run as it is held. A million of them are held, so it is small: texts
// that recur are kept once.
type run struct {
	id      int64
	created int64 // nanoseconds since 1970
	place   unique.Handle[place]
	build   unique.Handle[string] // build_branch
	code    unique.Handle[string] // of an errored run its error code, else empty
	commit  string
	tests   tests
	seconds float64 // duration, -1 where the API gave none
	state   state
	outcome outcome
	total   bool // the API gave total_count
	counted bool // the ledger has it, or it had finished before the first refresh
}

// newRun makes a run of an item whose state the item itself tells.
func newRun(item apiclient.Run) run {
	s := stateOf(item.State)
	return newRunIn(item, s, outcomeOf(s, failed(item)))
}

// newRunIn makes a run of an item that the API listed under a state and result.
func newRunIn(item apiclient.Run, s state, o outcome) run {
	r := run{
		id:      item.ID,
		created: nanoseconds(item.CreatedAt),
		place:   unique.Make(place{item.Branch, item.EnvironmentSlug}),
		build:   unique.Make(item.BuildBranch),
		code:    unique.Make(codeOf(item, s)),
		commit:  item.Commit,
		tests: tests{
			total:   item.TotalCount.N,
			passed:  item.SuccessCount.N,
			failed:  item.FailedCount.N,
			flaky:   item.FlakyCount.N,
			skipped: item.SkippedCount.N,
		},
		seconds: -1,
		state:   s,
		outcome: o,
		total:   item.TotalCount.Known,
	}
	if after := item.FailedCountAfterSnoozing; after.Known {
		r.tests.snoozed = max(0, item.FailedCount.N-after.N)
	}
	if item.HasDuration {
		// Duration.Seconds adds a rounded fraction: it makes 14.943999999999999 of 14.944.
		r.seconds = float64(item.Duration.Microseconds()) / 1e6
	}
	return r
}

// nanoseconds since 1970; what lies before they can tell, in 1677, is the
// earliest that they can.
func nanoseconds(t time.Time) int64 {
	if earliest := time.Unix(0, math.MinInt64); t.Before(earliest) {
		t = earliest
	}
	return t.UnixNano()
}

// failed tells whether failures count, muted ones left out.
func failed(item apiclient.Run) bool {
	if item.FailedCountAfterSnoozing.Known {
		return item.FailedCountAfterSnoozing.N > 0
	}
	return item.FailedCount.N > 0
}

func outcomeOf(s state, failed bool) outcome {
	switch {
	case s == ended && failed:
		return failedRun
	case s == ended:
		return passedRun
	case s == errored:
		return errorRun
	case s == cancelled:
		return cancelledRun
	default:
		return noOutcome
	}
}

const unknownCode = "unknown"

// aCode is what may become a label value: a free text must not.
var aCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

func codeOf(item apiclient.Run, s state) string {
	switch {
	case s != errored:
		return ""
	case aCode.MatchString(string(item.ErrorCode)):
		return string(item.ErrorCode)
	default:
		return unknownCode
	}
}

// countedTests is what the sums over runs take: the total made up of its parts
// where the API gave none.
func (r *run) countedTests() tests {
	t := r.tests
	if !r.total {
		t.total = t.passed + t.failed + t.skipped
	}
	return t
}

func (t *tests) add(more tests) {
	t.total = plus(t.total, more.total)
	t.passed = plus(t.passed, more.passed)
	t.failed = plus(t.failed, more.failed)
	t.flaky = plus(t.flaky, more.flaky)
	t.skipped = plus(t.skipped, more.skipped)
	t.snoozed = plus(t.snoozed, more.snoozed)
}

// plus adds counts, which nonsensical ones must not turn negative.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// newer tells whether r was created after other; of two created at once, the
// one with the higher id is the newer.
func (r *run) newer(than *run) bool {
	if c := cmp.Compare(r.created, than.created); c != 0 {
		return c > 0
	}
	return r.id > than.id
}

// same tells whether the API says the same of both.
func (r run) same(other run) bool {
	r.counted = other.counted
	return r == other
}

// documentedCodes are the error codes of the API's reference page and unknown.
var documentedCodes = func() []string {
	codes := []string{unknownCode}
	for _, code := range apiclient.ErrorCodes() {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	return codes
}()
