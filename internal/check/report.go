package check

import (
	"strconv"
	"time"
)

// Report is all that a check has found. It is also what --format=json writes.
// Durations are in seconds, unless a name says otherwise. It holds no key, no
// commit and no value of an item but ids, states, error codes, branches and
// environments.
type Report struct {
	Version   string      `json:"version"`
	Revision  string      `json:"revision"`
	Platform  string      `json:"platform"`
	CheckedAt time.Time   `json:"checked_at"`
	Lookback  string      `json:"lookback"`
	PutRight  int         `json:"to_put_right"` // findings with the mark fix, of all keys
	Keys      []KeyReport `json:"keys"`
}

// KeyReport is what was found with one key.
type KeyReport struct {
	Key      string    `json:"key"`
	Findings []Section `json:"findings"`
	Facts    *Facts    `json:"facts"`
}

// mustBePutRight counts the findings with the mark fix.
func (k *KeyReport) mustBePutRight() int {
	n := 0
	for _, section := range k.Findings {
		for i := range section.Findings {
			n += toInt(section.Findings[i].Mark == Fix)
		}
	}
	return n
}

// Section is some findings under a heading.
type Section struct {
	Title    string    `json:"title"`
	Head     []string  `json:"head,omitempty"` // of a table, above the findings
	Findings []Finding `json:"findings"`
}

// Finding is one line of the report for people.
type Finding struct {
	Mark    Mark   `json:"mark"`
	Subject string `json:"subject"`
	Text    string `json:"text,omitempty"`
	// Documented is what the documentation says instead.
	Documented string `json:"documented,omitempty"`
	// Advice says how to put it right.
	Advice string `json:"advice,omitempty"`
	// Table stands in place of Text, already aligned.
	Table []string `json:"table,omitempty"`
}

// Mark says how a finding is to be taken.
type Mark string

// The marks, from the best to the worst.
const (
	OK   Mark = "ok"   // as it should be
	Docs Mark = "docs" // the API does other than its documentation says, and the exporter copes
	Note Mark = "note" // worth a look
	Fix  Mark = "fix"  // must be put right
)

// Facts is what was observed with one key.
type Facts struct {
	API     APIFacts     `json:"api"`
	Project ProjectFacts `json:"project"`
	Failure *Failure     `json:"failure,omitempty"` // nil where the runs were read
	Runs    RunFacts     `json:"runs"`
	Items   ItemFacts    `json:"items"`
	Unit    UnitFacts    `json:"duration_unit"`
	Counts  CountFacts   `json:"counts"`
	Codes   CodeFacts    `json:"error_codes"`
	Tests   TestFacts    `json:"test_analytics"`
	Days    DayFacts     `json:"days"`
	Metrics MetricFacts  `json:"metrics"`
}

// Failure is what the reading of the runs ended with.
type Failure struct {
	Reason string `json:"reason"` // as the metrics name it
	Error  string `json:"error"`
	Advice string `json:"advice"`
}

// APIFacts is what was observed of the connection and the requests.
type APIFacts struct {
	URL              string            `json:"url"`
	HTTP             string            `json:"http,omitempty"` // empty where no answer came
	TLS              string            `json:"tls,omitempty"`  // empty without TLS
	Proxy            string            `json:"proxy,omitempty"`
	Requests         int               `json:"requests"`
	ByStatus         map[string]int    `json:"requests_by_status"`
	MedianLatency    float64           `json:"median_latency"`
	SlowestLatency   float64           `json:"slowest_latency"`
	RateLimitHeaders map[string]string `json:"rate_limit_headers"`
}

// ProjectFacts is what the API says of the project.
type ProjectFacts struct {
	ID       int64  `json:"id,omitempty"`
	Slug     string `json:"slug"`
	Name     string `json:"name"`
	RepoName string `json:"repo_name"`
	Team     string `json:"team,omitempty"` // as configured
}

// RunFacts is what was observed of the runs and the lists that they came in.
type RunFacts struct {
	InLookback  int            `json:"in_lookback"`
	ByState     map[string]int `json:"by_state"` // in the lookback
	Newest      *time.Time     `json:"newest,omitempty"`
	Pages       int            `json:"pages"` // of the reading of the lookback
	NewestFirst bool           `json:"newest_first"`
	Pagination  bool           `json:"pagination"` // each page says how long the list is
	Refused     map[string]int `json:"refused"`    // items, by reason
	RefusedFor  string         `json:"refused_for_example,omitempty"`
	RefusedID   int64          `json:"refused_example_id,omitempty"`
}

// ItemFacts is what was observed of the items, each counted once.
type ItemFacts struct {
	Read          int            `json:"read"`
	WithState     int            `json:"with_state"`
	WithStart     int            `json:"with_start"`
	Ended         int            `json:"ended"`
	WithSnoozes   int            `json:"ended_with_failed_count_after_snoozing"`
	UnknownKeys   map[string]int `json:"unknown_keys"`
	MissingKeys   []string       `json:"missing_keys"`        // documented, and in no item
	UnknownStates map[string]int `json:"undocumented_states"` // items by state
	OddNames      int            `json:"keys_with_odd_names"` // that are no identifiers, and are not shown
}

// UnitFacts is what speaks for the unit of durations.
type UnitFacts struct {
	Unit              string  `json:"unit"`
	Set               bool    `json:"set_by_flag"`
	VotesSeconds      int     `json:"votes_seconds"`
	VotesMilliseconds int     `json:"votes_milliseconds"`
	Durations         int     `json:"durations"`
	Median            float64 `json:"median_as_given"`
}

// CountFacts is which sum total_count is, over ended runs that have a total.
type CountFacts struct {
	Runs         int   `json:"ended_runs_with_total"`
	PassedFailed int   `json:"passed_failed"`         // runs where it is success + failed
	WithSkipped  int   `json:"passed_failed_skipped"` // and skipped
	WithFlaky    int   `json:"passed_failed_flaky"`   // and flaky
	NoSum        int   `json:"none"`
	NoSumID      int64 `json:"none_example_id,omitempty"`
	OtherID      int64 `json:"other_example_id,omitempty"` // a run where passed + failed does not hold, but another sum does
	Telling      int   `json:"telling_runs"`               // those with skipped or flaky tests, so that the sums differ
	NoTotal      int   `json:"ended_runs_without_total"`
}

// CodeFacts is where error codes stand.
type CodeFacts struct {
	Errored      int            `json:"errored_runs"`
	Keys         map[string]int `json:"under_key"`
	Without      int            `json:"without"`
	Undocumented map[string]int `json:"undocumented"`
	Texts        int            `json:"texts_that_are_no_code"`
}

// TestFacts says whether the analytics of tests may be read.
type TestFacts struct {
	Asked    bool   `json:"asked"` // --tests.top is not 0
	Readable bool   `json:"readable"`
	Error    string `json:"error,omitempty"`
	Tests    *int64 `json:"tests,omitempty"`
	// MostSeries is how many series they can have, beside those of the runs.
	MostSeries int `json:"most_series"`
}

// DayFacts is the exporter's own count of whole days in UTC beside the API's.
type DayFacts struct {
	Error string `json:"error,omitempty"`
	Days  []Day  `json:"days"`
	// FlakyBeside is set where the API's passed tests leave the flaky ones out.
	FlakyBeside bool `json:"api_passed_tests_without_flaky"`
	Refused     int  `json:"refused_days"`
}

// Day is one day.
type Day struct {
	Date     string `json:"date"`
	Exporter Sums   `json:"exporter"`
	API      *Sums  `json:"api"` // nil where the API has no such day
	Equal    bool   `json:"equal"`
}

// Sums are sums over the runs that were created on a day.
type Sums struct {
	Passed      Sum `json:"passed_runs"`
	Failed      Sum `json:"failed_runs"`
	Error       Sum `json:"error_runs"`
	Cancelled   Sum `json:"cancelled_runs"`
	PassedTests Sum `json:"passed_tests"`
	FailedTests Sum `json:"failed_tests"`
	FlakyTests  Sum `json:"flaky_tests"`
}

// Sum is a number of runs or tests; notSaid is null in JSON.
type Sum int64

// notSaid stands for a sum that the API does not give.
const notSaid Sum = -1

// MarshalJSON implements json.Marshaler.
func (s Sum) MarshalJSON() ([]byte, error) {
	if s == notSaid {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(s), 10), nil
}

// MetricFacts is what the runs come to as metrics, and what they cost.
type MetricFacts struct {
	Groups int `json:"groups"`
	// Excluded and Overflow are counted under branch="other": what --runs.branch
	// leaves out, and what goes beyond --runs.max-groups.
	Excluded []Group `json:"excluded"`
	Overflow []Group `json:"overflow"`

	Series            int `json:"series"`
	RequestsPerScrape int `json:"requests_per_scrape"`
	RequestsPerDay    int `json:"requests_per_day"` // at a scrape interval of 30 s
	// RefreshError is why a second refresh failed, so that its requests say nothing.
	RefreshError string `json:"refresh_error,omitempty"`
}

// Group is a branch in an environment.
type Group struct {
	Branch      string `json:"branch"`
	Environment string `json:"environment"`
}
