package history

import (
	"cmp"
	"math"
	"regexp"
	"time"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// GroupKey says where a run ran: its branch and environment as the API names
// them.
type GroupKey struct{ Branch, Environment string }

// Tests are counts of tests. Flaky tests are among those that passed, snoozed
// ones among those that failed. Where the API gives no total, it is passed and
// failed.
type Tests struct{ Total, Passed, Failed, Flaky, Skipped, Snoozed int64 }

// Run is a run as it is held. A million of them may be held, so it is small:
// texts that recur are kept once.
type Run struct {
	ID      int64
	Created int64 // nanoseconds since 1970
	Group   unique.Handle[GroupKey]
	Build   unique.Handle[string] // build_branch
	Code    unique.Handle[string] // error code of an errored run, else empty
	Commit  string
	Tests   Tests
	// Duration is in the unit of [Format]; -1 where the API gave none.
	Duration float64
	// Started is when the run left the queue, in nanoseconds since 1970; NoStart
	// where the API does not say.
	Started int64
	State   State
	Outcome Outcome

	vote vote // on the unit, when the duration was first read
	// resolved is set once the run needs no further look at whether it counts
	// as seen to finish: Apply has returned it, or it had finished when it was
	// first read.
	resolved bool
}

// NoStart is the Started of a run of which the API does not say when it started.
const NoStart = math.MinInt64

// UnknownCode is the error code of an errored run for which the API gave none
// that may become a label value.
const UnknownCode = "unknown"

// labelCode is what may become a label value: a free text must not.
var labelCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// newRun makes a run of an item that carries its state and is read now.
func newRun(item apiclient.Run, now time.Time) Run {
	s := stateOf(item.State)
	return newListedRun(item, s, outcomeOf(s, failed(item)), now)
}

// newListedRun makes a run of an item that the API listed under a state and result.
func newListedRun(item apiclient.Run, s State, o Outcome, now time.Time) Run {
	r := Run{
		ID:      item.ID,
		Created: unixNano(item.CreatedAt),
		Group:   unique.Make(GroupKey{LabelValue(item.Branch), LabelValue(item.EnvironmentSlug)}),
		Build:   unique.Make(LabelValue(item.BuildBranch)),
		Code:    unique.Make(codeOf(item, s)),
		Commit:  LabelValue(item.Commit),
		Tests: Tests{
			Total:   item.TotalCount.N,
			Passed:  item.SuccessCount.N,
			Failed:  item.FailedCount.N,
			Flaky:   item.FlakyCount.N,
			Skipped: item.SkippedCount.N,
		},
		Duration: -1,
		Started:  NoStart,
		State:    s,
		Outcome:  o,
	}
	if !item.TotalCount.Known {
		// As the API counts: skipped tests are not in a total (public client code).
		r.Tests.Total = saturatingAdd(r.Tests.Passed, r.Tests.Failed)
	}
	if after := item.FailedCountAfterSnoozing; after.Known {
		r.Tests.Snoozed = max(0, item.FailedCount.N-after.N)
	}
	if item.HasDuration {
		r.Duration = item.Duration
		r.vote = voteOf(item, s, now)
	}
	if !item.StartedAt.IsZero() && !item.StartedAt.After(now.Add(maxSkew)) { // later is a way to say never
		r.Started = unixNano(item.StartedAt)
	}
	return r
}

// unixNano returns nanoseconds since 1970. They begin in 1677: an earlier time
// is taken for that.
func unixNano(t time.Time) int64 {
	if earliest := time.Unix(0, math.MinInt64); t.Before(earliest) {
		t = earliest
	}
	return t.UnixNano()
}

// failed reports whether there are failures that count: muted ones do not.
func failed(item apiclient.Run) bool {
	if item.FailedCountAfterSnoozing.Known {
		return item.FailedCountAfterSnoozing.N > 0
	}
	return item.FailedCount.N > 0
}

func codeOf(item apiclient.Run, s State) string {
	switch {
	case s != Errored:
		return ""
	case labelCode.MatchString(string(item.ErrorCode)):
		return string(item.ErrorCode)
	default:
		return UnknownCode
	}
}

// Queued returns how long the run waited for its start, in seconds. It is 0
// where the run started before it was created, as clocks that differ show it;
// ok is false where the API gives no start.
func (r *Run) Queued() (seconds float64, ok bool) {
	if r.Started == NoStart {
		return 0, false
	}
	if r.Started < r.Created {
		return 0, true
	}
	// Microseconds are exact in a float64, so that only the division rounds.
	return float64((r.Started-r.Created)/int64(time.Microsecond)) / 1e6, true
}

// Add adds more counts.
func (t *Tests) Add(more Tests) {
	t.Total = saturatingAdd(t.Total, more.Total)
	t.Passed = saturatingAdd(t.Passed, more.Passed)
	t.Failed = saturatingAdd(t.Failed, more.Failed)
	t.Flaky = saturatingAdd(t.Flaky, more.Flaky)
	t.Skipped = saturatingAdd(t.Skipped, more.Skipped)
	t.Snoozed = saturatingAdd(t.Snoozed, more.Snoozed)
}

// saturatingAdd keeps absurd counts from overflowing to a negative sum.
func saturatingAdd(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Newer reports whether r was created after the other run. Of two runs created
// at the same instant the one with the higher id is the newer.
func (r *Run) Newer(than *Run) bool {
	if c := cmp.Compare(r.Created, than.Created); c != 0 {
		return c > 0
	}
	return r.ID > than.ID
}

// same reports whether the API says the same of both.
func (r Run) same(other Run) bool {
	r.resolved, r.vote = other.resolved, other.vote
	return r == other
}
