package collector_test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// oracle says what the run gauges must be, from the list of all runs and the
// definitions of the metrics alone: it reads everything, every time, and goes
// over it once for each figure. It shares no code with the collector.
type oracle struct {
	project string
	team    string // empty is none
	runs    []apitest.Run
	readAt  time.Time // when the runs were read
	now     time.Time // of the scrape
	byList  bool      // items carry no state
	// perSecond is how many units of the API's durations make a second.
	perSecond float64
	config    collector.Config
}

// groupKey is what makes a group, apart from the project.
type groupKey struct{ branch, environment string }

// exposition returns the run gauges of all groups.
func (o oracle) exposition() exposition {
	out := exposition{}
	own, folded := o.groups()
	for g, runs := range own {
		o.nowAndRecently(out, g, runs)
		o.lastRun(out, g, runs)
	}
	for g, runs := range folded {
		o.nowAndRecently(out, g, runs)
	}
	return out
}

// groups returns the runs of the groups that have series of their own, and
// those of the groups that are counted under "other".
func (o oracle) groups() (own, folded map[groupKey][]apitest.Run) {
	own, folded = map[groupKey][]apitest.Run{}, map[groupKey][]apitest.Run{}
	for g, runs := range o.byGroup() {
		if g.branch != "other" && o.config.Branches.MatchString(g.branch) {
			own[g] = runs
		} else {
			g.branch = "other"
			folded[g] = append(folded[g], runs...)
		}
	}
	for len(own) > o.config.MaxGroups {
		least := o.leastOf(own)
		into := groupKey{"other", least.environment}
		folded[into] = append(folded[into], own[least]...)
		delete(own, least)
	}
	return own, folded
}

// leastOf returns the group with the fewest runs and of several the one whose
// newest run is oldest. A branch that is to be kept is taken when no other is left.
func (o oracle) leastOf(groups map[groupKey][]apitest.Run) groupKey {
	var least groupKey
	var fewest []apitest.Run
	candidates := maps.Clone(groups)
	maps.DeleteFunc(candidates, func(g groupKey, _ []apitest.Run) bool { return o.config.KeepBranches.MatchString(g.branch) })
	if len(candidates) == 0 {
		candidates = groups
	}
	for g, runs := range candidates {
		if fewest == nil || len(runs) < len(fewest) ||
			(len(runs) == len(fewest) && newer(*newest(fewest), *newest(runs))) {
			least, fewest = g, runs
		}
	}
	return least
}

// foldedGroups counts the groups that have no series of their own.
func (o oracle) foldedGroups() int {
	own, _ := o.groups()
	return len(o.byGroup()) - len(own)
}

// byGroup returns the runs that count, by branch and environment.
func (o oracle) byGroup() map[groupKey][]apitest.Run {
	all := map[groupKey][]apitest.Run{}
	for _, r := range o.counting() {
		g := groupKey{label(r.Branch), label(r.EnvironmentSlug)}
		all[g] = append(all[g], r)
	}
	return all
}

// counting returns the runs of the lookback that can be seen and trusted.
func (o oracle) counting() []apitest.Run {
	return where(o.runs, func(r apitest.Run) bool {
		trusted := !unreadable(r) && !r.CreatedAt.After(o.readAt.Add(24*time.Hour))
		visible := !o.byList || stateOf(r) != "unknown"
		return trusted && visible && o.within(r, o.config.Lookback)
	})
}

func (o oracle) within(r apitest.Run, span time.Duration) bool {
	return r.CreatedAt.After(o.now.Add(-span))
}

var sevenStates = []string{"pending", "queued", "started", "cancelling", "cancelled", "error", "ended"}

var activeStates = []string{"pending", "queued", "started", "cancelling"}

func stateOf(r apitest.Run) string {
	if slices.Contains(sevenStates, r.State) {
		return r.State
	}
	return "unknown"
}

// outcomeOf returns "" for a run that has none.
func outcomeOf(r apitest.Run) string {
	failures := number(r.FailedCount)
	if r.FailedCountAfterSnoozing != nil {
		failures = *r.FailedCountAfterSnoozing
	}
	switch r.State {
	case "ended":
		if failures > 0 {
			return "failed"
		}
		return "passed"
	case "error", "cancelled":
		return r.State
	default:
		return ""
	}
}

func completed(r apitest.Run) bool {
	return slices.Contains([]string{"passed", "failed", "error"}, outcomeOf(r))
}

var wellFormedCode = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,63}\z`)

// codeOf returns the error code of an errored run, "" for the others. That only
// 20 undocumented codes are shown is tested elsewhere.
func (o oracle) codeOf(r apitest.Run) string {
	switch {
	case r.State != "error":
		return ""
	case o.byList || !wellFormedCode.MatchString(text(r.ErrorCode)):
		return "unknown"
	default:
		return *r.ErrorCode
	}
}

func (o oracle) snoozed(r apitest.Run) int64 {
	if o.byList || r.FailedCountAfterSnoozing == nil {
		return 0
	}
	return number(r.FailedCount) - *r.FailedCountAfterSnoozing
}

func newer(a, b apitest.Run) bool {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) > 0
}

// newest returns nil where there is none.
func newest(runs []apitest.Run) *apitest.Run {
	var best *apitest.Run
	for i := range runs {
		if best == nil || newer(runs[i], *best) {
			best = &runs[i]
		}
	}
	return best
}

func where(runs []apitest.Run, keep func(apitest.Run) bool) []apitest.Run {
	var kept []apitest.Run
	for _, r := range runs {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// label is a text as label values have it.
func label(s *string) string {
	runes := []rune(text(s)) // an invalid byte becomes U+FFFD
	for i, r := range runes {
		if r == '\ufffd' {
			runes[i] = '?'
		}
	}
	value := string(runes)
	if len(value) <= 255 {
		return value
	}
	hash := fnv.New32a()
	hash.Write([]byte(text(s)))
	cut := value[:240]
	for !utf8.ValidString(cut) {
		cut = cut[:len(cut)-1]
	}
	return fmt.Sprintf("%s~%08x", cut, hash.Sum32())
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// seconds is a moment as the float64 nearest to it; the API gives milliseconds.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// nowAndRecently adds the gauges of the section "Now, and recently".
func (o oracle) nowAndRecently(out exposition, g groupKey, runs []apitest.Run) {
	for _, state := range append([]string{"unknown"}, sevenStates...) {
		in := where(runs, func(r apitest.Run) bool { return stateOf(r) == state })
		if state != "unknown" || len(in) > 0 {
			out.set(float64(len(in)), "empirical_runs", o.labels(g, "state", state))
		}
	}
	for _, state := range activeStates {
		in := where(runs, func(r apitest.Run) bool { return r.State == state })
		if len(in) == 0 {
			continue
		}
		oldest := slices.MaxFunc(in, func(a, b apitest.Run) int {
			if newer(a, b) {
				return -1
			}
			return 1
		})
		out.set(seconds(oldest.CreatedAt), "empirical_oldest_active_run_created_timestamp_seconds", o.labels(g, "state", state))
		if !oldest.StartedAt.IsZero() {
			out.set(seconds(oldest.StartedAt), "empirical_oldest_active_run_started_timestamp_seconds", o.labels(g, "state", state))
		}
		out.set(1, "empirical_oldest_active_run_info", o.labels(g, "state", state, "run_id", strconv.FormatInt(oldest.ID, 10)))
	}
	for _, w := range o.config.Windows {
		recent := where(runs, func(r apitest.Run) bool { return o.within(r, w.Length) })
		o.window(out, g, w.Name, recent)
	}
}

func (o oracle) window(out exposition, g groupKey, window string, runs []apitest.Run) {
	for _, outcome := range []string{"passed", "failed", "error", "cancelled"} {
		with := where(runs, func(r apitest.Run) bool { return outcomeOf(r) == outcome })
		out.set(float64(len(with)), "empirical_recent_runs", o.labels(g, "window", window, "outcome", outcome))
	}
	ended := where(runs, func(r apitest.Run) bool { return r.State == "ended" })
	sums := map[string]func(apitest.Run) int64{
		"empirical_recent_tests":                testsIn,
		"empirical_recent_passed_tests":         func(r apitest.Run) int64 { return number(r.SuccessCount) },
		"empirical_recent_failed_tests":         func(r apitest.Run) int64 { return number(r.FailedCount) },
		"empirical_recent_flaky_tests":          func(r apitest.Run) int64 { return number(r.FlakyCount) },
		"empirical_recent_skipped_tests":        func(r apitest.Run) int64 { return number(r.SkippedCount) },
		"empirical_recent_snoozed_failed_tests": o.snoozed,
	}
	for name, of := range sums {
		var sum int64
		for _, r := range ended {
			sum += of(r)
		}
		out.set(float64(sum), name, o.labels(g, "window", window))
	}
	flaky := where(ended, func(r apitest.Run) bool { return number(r.FlakyCount) >= 1 })
	out.set(float64(len(flaky)), "empirical_recent_flaky_runs", o.labels(g, "window", window))
	o.durations(out, g, window, ended)
	o.queued(out, g, window, runs)
	o.errors(out, g, window, runs)
}

// testsIn is total_count, and where that is missing success + failed.
func testsIn(r apitest.Run) int64 {
	if r.TotalCount != nil {
		return *r.TotalCount
	}
	return number(r.SuccessCount) + number(r.FailedCount)
}

func (o oracle) durations(out exposition, g groupKey, window string, ended []apitest.Run) {
	var all []int64
	for _, r := range ended {
		if r.Duration != nil {
			all = append(all, *r.Duration)
		}
	}
	o.stats(out, "empirical_recent_run_duration_seconds", g, window, all, o.perSecond)
}

// queued goes by the milliseconds that the API gives.
func (o oracle) queued(out exposition, g groupKey, window string, runs []apitest.Run) {
	var all []int64
	for _, r := range runs {
		if !r.StartedAt.IsZero() {
			all = append(all, max(0, r.StartedAt.Sub(r.CreatedAt).Milliseconds()))
		}
	}
	o.stats(out, "empirical_recent_run_queued_seconds", g, window, all, 1000)
}

func (o oracle) stats(out exposition, name string, g groupKey, window string, all []int64, perSecond float64) {
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	var sum int64
	for _, value := range all {
		sum += value
	}
	set := func(stat string, value float64) {
		out.set(value/perSecond, name, o.labels(g, "window", window, "stat", stat))
	}
	set("mean", float64(sum)/float64(len(all)))
	set("p50", float64(nearestRank(all, 50)))
	set("p90", float64(nearestRank(all, 90)))
	set("max", float64(all[len(all)-1]))
}

// nearestRank is the smallest value that at least so many percent of all do not exceed.
func nearestRank(sorted []int64, percent int) int64 {
	for i, value := range sorted {
		if (i+1)*100 >= percent*len(sorted) {
			return value
		}
	}
	panic("no values")
}

func (o oracle) errors(out exposition, g groupKey, window string, runs []apitest.Run) {
	codes := map[string]int{}
	for _, r := range runs {
		if r.State == "error" {
			codes[o.codeOf(r)]++
		}
	}
	for code, count := range codes {
		out.set(float64(count), "empirical_recent_run_errors", o.labels(g, "window", window, "error_code", code))
	}
}

func (o oracle) labels(g groupKey, more ...string) []string {
	return o.withTeam(append([]string{"project", o.project, "branch", g.branch, "environment", g.environment}, more...))
}

func (o oracle) withTeam(labels []string) []string {
	if o.team == "" {
		return labels
	}
	return append(labels, "team", o.team)
}

// lastRun adds the gauges of the section "The last run".
func (o oracle) lastRun(out exposition, g groupKey, runs []apitest.Run) {
	last := newest(runs)
	for _, state := range sevenStates {
		out.set(boolToFloat(last.State == state), "empirical_last_run_state", o.labels(g, "state", state))
	}
	if stateOf(*last) == "unknown" {
		out.set(1, "empirical_last_run_state", o.labels(g, "state", "unknown"))
	}
	out.set(seconds(last.CreatedAt), "empirical_last_run_created_timestamp_seconds", o.labels(g))

	passed := newest(where(runs, func(r apitest.Run) bool { return outcomeOf(r) == "passed" }))
	if passed != nil {
		out.set(seconds(passed.CreatedAt), "empirical_last_passed_run_created_timestamp_seconds", o.labels(g))
	}
	finished := where(runs, completed)
	out.set(float64(streak(finished)), "empirical_failing_streak_runs", o.labels(g))
	if len(finished) > 0 {
		o.lastCompleted(out, g, *newest(finished))
	}
}

// streak takes the newest run off until one is met that passed.
func streak(completed []apitest.Run) int {
	for n := 0; ; n++ {
		last := newest(completed)
		if last == nil || outcomeOf(*last) == "passed" {
			return n
		}
		id := last.ID
		completed = where(completed, func(r apitest.Run) bool { return r.ID != id })
	}
}

func (o oracle) lastCompleted(out exposition, g groupKey, r apitest.Run) {
	out.set(1, "empirical_last_completed_run_info", o.labels(g, "run_id", strconv.FormatInt(r.ID, 10), "outcome", outcomeOf(r),
		"error_code", o.codeOf(r), "build_branch", label(r.BuildBranch), "commit", label(r.Commit)))
	set := func(name string, value float64) {
		out.set(value, "empirical_last_completed_run_"+name, o.labels(g))
	}
	set("success", boolToFloat(outcomeOf(r) == "passed"))
	set("tests", float64(testsIn(r)))
	set("passed_tests", float64(number(r.SuccessCount)))
	set("failed_tests", float64(number(r.FailedCount)))
	set("flaky_tests", float64(number(r.FlakyCount)))
	set("skipped_tests", float64(number(r.SkippedCount)))
	set("snoozed_failed_tests", float64(o.snoozed(r)))
	if r.Duration != nil {
		set("duration_seconds", float64(*r.Duration)/o.perSecond)
	}
	if !r.StartedAt.IsZero() {
		set("queued_seconds", float64(max(0, r.StartedAt.Sub(r.CreatedAt).Milliseconds()))/1000)
	}
	set("created_timestamp_seconds", seconds(r.CreatedAt))
}

func boolToFloat(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
