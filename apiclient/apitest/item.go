package apitest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// timeLayout is RFC 3339 with milliseconds, in UTC.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// itemWriter writes one run as an item of the list, key by key.
type itemWriter struct {
	buf   []byte
	extra map[string]json.RawMessage
	first bool
}

// appendItem appends the item of a run: the keys of the current reference page, and
// with withState those of the older one.
func appendItem(buf []byte, r *Run, withState bool) []byte {
	w := &itemWriter{buf: append(buf, '{'), extra: r.Extra, first: true}
	omit := r.ID%2 == 1 // leave out keys without a value, rather than writing null
	if w.key("id") {
		w.integer(r.ID)
	}
	if withState {
		w.text("state", &r.State, false)
	}
	w.count("total_count", r.TotalCount, false)
	w.count("success_count", r.SuccessCount, false)
	w.count("failed_count", r.FailedCount, false)
	w.count("skipped_count", r.SkippedCount, omit)
	w.count("flaky_count", r.FlakyCount, omit)
	if withState {
		w.count("failed_count_after_snoozing", r.FailedCountAfterSnoozing, omit)
	}
	w.count("duration", r.Duration, false)
	w.text("test_run_branch", r.Branch, false)
	w.text("environment_slug", r.EnvironmentSlug, false)
	w.text("environment_name", r.EnvironmentName, false)
	w.text("build_url", r.BuildURL, omit)
	w.text("build_branch", r.BuildBranch, omit)
	w.text("commit", r.Commit, omit)
	if withState {
		w.text("error_code", r.ErrorCode, omit)
	}
	w.text("created_at", new(r.CreatedAt.Format(timeLayout)), false)
	var started *string
	if !r.StartedAt.IsZero() {
		started = new(r.StartedAt.Format(timeLayout))
	}
	w.text("run_started_at", started, true)
	w.extras()
	return append(w.buf, '}')
}

// key writes a key and reports whether its value is to be written: not where extra
// replaces or removes it.
func (w *itemWriter) key(name string) bool {
	if _, overridden := w.extra[name]; overridden {
		return false
	}
	w.begin(name)
	return true
}

func (w *itemWriter) begin(name string) {
	if !w.first {
		w.buf = append(w.buf, ',')
	}
	w.first = false
	w.quote(name)
	w.buf = append(w.buf, ':')
}

func (w *itemWriter) count(name string, n *int64, omit bool) {
	switch {
	case n == nil && omit:
	case !w.key(name):
	case n == nil:
		w.buf = append(w.buf, "null"...)
	default:
		w.integer(*n)
	}
}

func (w *itemWriter) text(name string, s *string, omit bool) {
	switch {
	case s == nil && omit:
	case !w.key(name):
	case s == nil:
		w.buf = append(w.buf, "null"...)
	default:
		w.quote(*s)
	}
}

func (w *itemWriter) integer(n int64) { w.buf = strconv.AppendInt(w.buf, n, 10) }

func (w *itemWriter) quote(s string) {
	if isPlain(s) { // nearly all are, and quoting is most of the cost of a page
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, s...)
		w.buf = append(w.buf, '"')
		return
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	w.buf = append(w.buf, quoted...)
}

// isPlain reports whether a string needs no escapes in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func (w *itemWriter) extras() {
	for _, name := range slices.Sorted(maps.Keys(w.extra)) {
		if raw := w.extra[name]; raw != nil {
			w.begin(name)
			w.buf = append(w.buf, raw...)
		}
	}
}
