package check

import (
	"cmp"
	"crypto/tls"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// observer gathers what is seen of the requests of one key.
type observer struct {
	since time.Time // items that were created before it are not described

	mu        sync.Mutex
	attempts  []time.Duration // how long each took
	byStatus  map[string]int
	last      string // status of the last attempt that ended
	http, tls string
	limits    map[string]string // headers about rate limits

	pages      int
	read       int // items, as often as they came
	lists      map[list]*listSeen
	items      map[int64]seenItem
	unreadable int // items without an id
	keys       map[string]int
	oddNames   int
	refused    *apiclient.Refusal // the one with the lowest id, for example
}

// list is what selects the runs of a list.
type list struct {
	state  apiclient.State
	result apiclient.Result
}

// listSeen is what was seen of one list.
type listSeen struct {
	total      int
	pages      map[int]*apiclient.Page // by number, each with its first run alone
	disordered bool
	unpaged    bool // a page does not say how long the list is
}

// seenItem is what was seen of one item, in little memory.
type seenItem struct {
	refused             bool
	state               apiclient.State // of the item, or of the list that shows it
	hasState, hasStart  bool
	snoozes             bool // failed_count_after_snoozing is given
	hasTotal            bool
	telling             bool // it has skipped or flaky tests
	plain, skips, flaky bool // total_count is passed + failed; and skipped; and flaky
	code                apiclient.ErrorCode
	codeKey             string
}

func newObserver(since time.Time) *observer {
	return &observer{
		since:    since,
		byStatus: map[string]int{}, limits: map[string]string{}, lists: map[list]*listSeen{},
		items: map[int64]seenItem{}, keys: map[string]int{},
	}
}

// noAnswer stands for the status of a request that got none.
const noAnswer = "no answer"

// attempt notes one request.
func (o *observer) attempt(a apiclient.Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.attempts = append(o.attempts, a.Duration)
	o.last = noAnswer
	if a.Status != 0 {
		o.last = strconv.Itoa(a.Status)
	}
	o.byStatus[o.last]++
	if a.Status == 0 {
		return
	}
	o.http, o.tls = cmp.Or(o.http, a.Proto), cmp.Or(o.tls, tlsName(a.TLSVersion))
	for name, values := range a.Header {
		if isLimit(name) {
			o.limits[strings.ToLower(name)] = printable(strings.Join(values, ", "), 60)
		}
	}
}

// requests returns how many requests there were.
func (o *observer) requests() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.attempts)
}

// page notes one page of a list.
func (o *observer) page(p apiclient.ObservedPage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pages++
	o.read += len(p.Items)
	o.noteList(p)
	for i := range p.Items {
		o.note(&p.Items[i], p.Query.State)
	}
}

func (o *observer) noteList(p apiclient.ObservedPage) {
	key := list{p.Query.State, p.Query.Result}
	l := o.lists[key]
	if l == nil {
		l = &listSeen{pages: map[int]*apiclient.Page{}}
		o.lists[key] = l
	}
	total, known := p.Page.Total()
	l.total = max(l.total, total)
	l.unpaged = l.unpaged || !known
	l.disordered = l.disordered || !p.Page.NewestFirst()
	first := *p.Page
	first.Refused = nil
	first.Runs = slices.Clone(first.Runs[:min(1, len(first.Runs))])
	l.pages[p.Query.Page] = &first
}

// newestFirst reports whether the list was newest first, within its pages and
// from one to the next.
func (l *listSeen) newestFirst() bool {
	if l.disordered {
		return false
	}
	var before *apiclient.Page
	for _, number := range slices.Sorted(maps.Keys(l.pages)) {
		if !l.pages[number].Follows(before) {
			return false
		}
		before = l.pages[number]
	}
	return true
}

// progress returns how many items were read, how many there are as far as the API
// has said, and the status of the last request where it was not 200.
func (o *observer) progress() (read, of int, trouble string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum := 0
	for key, l := range o.lists {
		if key != (list{}) {
			sum += l.total
		}
	}
	if all := o.lists[list{}]; all != nil {
		sum = max(sum, all.total)
	}
	if o.last != "200" {
		trouble = o.last
	}
	return min(o.read, sum), sum, trouble
}

// note notes one item, which a list of this state shows.
func (o *observer) note(item *apiclient.ObservedItem, listed apiclient.State) {
	if item.Refusal == nil && !item.Run.CreatedAt.After(o.since) {
		return // the API is asked for whole days
	}
	id := item.Run.ID
	before, met := o.items[id]
	if id == 0 {
		o.unreadable++
	} else {
		o.items[id] = seenItemOf(item, cmp.Or(item.Run.State, listed, before.state))
	}
	if item.Refusal != nil && (o.refused == nil || id < o.refused.ID) {
		o.refused = item.Refusal
	}
	if met {
		return
	}
	for _, key := range item.Keys {
		if !isName(key) {
			o.oddNames++
			continue
		}
		o.keys[key]++
	}
}

func seenItemOf(item *apiclient.ObservedItem, state apiclient.State) seenItem {
	run := &item.Run
	skipped, flaky := run.SkippedCount.N, run.FlakyCount.N
	sum, total := run.SuccessCount.N+run.FailedCount.N, run.TotalCount
	return seenItem{
		refused:  item.Refusal != nil,
		state:    state,
		hasState: run.State != "", hasStart: !run.StartedAt.IsZero(),
		snoozes:  run.FailedCountAfterSnoozing.Known,
		hasTotal: total.Known, telling: skipped > 0 || flaky > 0,
		plain: total.N == sum, skips: total.N == sum+skipped, flaky: total.N == sum+flaky,
		code: run.ErrorCode, codeKey: item.CodeKey,
	}
}

// isLimit reports whether a header is about rate limits.
func isLimit(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "ratelimit") || strings.Contains(name, "rate-limit") || name == "retry-after"
}

// tlsName returns the name of a version of TLS, empty for none.
func tlsName(version uint16) string {
	if version == 0 {
		return ""
	}
	return tls.VersionName(version)
}

// identifier is what names of keys, states and codes look like. Other texts are
// not shown: they may be anything.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// dotted is one name, or one in another.
var dotted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}(\.[A-Za-z_][A-Za-z0-9_]{0,63})?$`)

func isName(text string) bool { return identifier.MatchString(text) }
