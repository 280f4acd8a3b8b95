package collector

import (
	"cmp"
	"iter"
	"slices"
	"unique"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// Observer sees the requests of an Exporter and what they bring, each under the
// name of its key. Its functions are called from several goroutines at once.
type Observer struct {
	Attempt func(key string, attempt apiclient.Attempt)
	Page    func(key string, page apiclient.ObservedPage)
}

// WithObserver sets an observer. Default is none: to observe costs time.
func WithObserver(observer *Observer) Option { return func(e *Exporter) { e.observer = observer } }

// session starts a session, whose requests are counted.
func (t *tracker) session(options ...apiclient.SessionOption) *apiclient.Session {
	client, o := t.key.Load().Client, t.observer
	if o == nil {
		return client.Session(t.metrics.observe, options...)
	}
	pages := apiclient.ObservePages(func(page apiclient.ObservedPage) { o.Page(t.name, page) })
	return client.Session(func(attempt apiclient.Attempt) {
		t.metrics.observe(attempt)
		o.Attempt(t.name, attempt)
	}, append(options, pages)...)
}

// Inspection is what is held of one key, and what becomes of it.
type Inspection struct {
	Status
	Evidence history.Evidence // on the unit of durations
	Median   float64          // of the durations, as the API gives them
	Groups   int              // that have series; one of folded branches is one of them
	// Excluded and Overflow are the groups that are counted under branch="other":
	// those that the expression leaves out, and those beyond the limit. They are
	// sorted by branch, then environment.
	Excluded, Overflow []history.GroupKey

	members map[unique.Handle[history.GroupKey]]*member
}

// Held returns the runs of the lookback, in no order.
func (in *Inspection) Held() iter.Seq[*history.Run] {
	return func(yield func(*history.Run) bool) {
		for _, m := range in.members {
			for r := range m.lookback() {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// Inspect calls look with what is held of each key, in the order of the keys. Held
// is valid until look returns. Look must not call the Exporter.
func (e *Exporter) Inspect(look func(*Inspection)) {
	owners, now := owners{}, e.now()
	for _, t := range e.all() {
		in := &Inspection{Status: t.status(now, owners)}
		in.Evidence, in.Median = t.history.Evidence()
		config := t.key.Load().Settings.in(&t.config)
		t.history.View(func(view *history.View) {
			groups := newFolding(config).update(view, config, now)
			in.Groups, in.Runs, in.members = len(groups.all), groups.runs, groups.members
			in.addFolded()
			look(in)
		})
	}
}

func (in *Inspection) addFolded() {
	for _, m := range in.members {
		switch {
		case m.in == nil || !m.in.folded:
		case m.matches:
			in.Overflow = append(in.Overflow, m.key)
		default:
			in.Excluded = append(in.Excluded, m.key)
		}
	}
	byName := func(a, b history.GroupKey) int {
		return cmp.Or(cmp.Compare(a.Branch, b.Branch), cmp.Compare(a.Environment, b.Environment))
	}
	slices.SortFunc(in.Excluded, byName)
	slices.SortFunc(in.Overflow, byName)
}
