package apitest

import (
	"cmp"
	"encoding/json"
	"time"
)

// record is a run as the project stores it: a third of the size of a [Run], and
// without pointers to single values, so that the garbage collector has little
// work with a million of them.
type record struct {
	id      int64
	created int64 // milliseconds since 1970
	started int64 // as created; 0 is not given
	numbers [7]int64
	texts   [7]text
	state   text
	known   uint8 // bit i is set where numbers[i] has a value
	failed  bool
	extra   map[string]json.RawMessage
}

// numberFields and textFields return the fields of a run in their order in a record.
func numberFields(r *Run) [7]**int64 {
	return [7]**int64{
		&r.TotalCount, &r.SuccessCount, &r.FailedCount, &r.SkippedCount, &r.FlakyCount,
		&r.FailedCountAfterSnoozing, &r.Duration,
	}
}

func textFields(r *Run) [7]**string {
	return [7]**string{
		&r.Branch, &r.EnvironmentSlug, &r.EnvironmentName, &r.BuildURL, &r.BuildBranch, &r.Commit, &r.ErrorCode,
	}
}

const (
	branchText      = 0
	environmentText = 1
)

func (c *record) pack(r *Run, texts *texts) {
	*c = record{
		id:      r.ID,
		created: r.CreatedAt.UnixMilli(),
		state:   texts.keep(r.State),
		failed:  r.Failed(),
		extra:   r.Extra,
	}
	if !r.StartedAt.IsZero() {
		c.started = r.StartedAt.UnixMilli()
	}
	for i, field := range numberFields(r) {
		if *field != nil {
			c.numbers[i] = **field
			c.known |= 1 << i
		}
	}
	for i, field := range textFields(r) {
		if *field != nil {
			c.texts[i] = texts.keep(**field)
		}
	}
}

func (c *record) unpack(texts *texts) Run {
	r := Run{
		ID:        c.id,
		State:     texts.text(c.state),
		CreatedAt: time.UnixMilli(c.created).UTC(),
		Extra:     c.extra,
	}
	if c.started != 0 {
		r.StartedAt = time.UnixMilli(c.started).UTC()
	}
	numbers := c.numbers
	for i, field := range numberFields(&r) {
		if c.known&(1<<i) != 0 {
			*field = &numbers[i]
		}
	}
	for i, field := range textFields(&r) {
		if c.texts[i] != noText {
			*field = texts.pointer(c.texts[i])
		}
	}
	return r
}

// oldestFirst orders records by creation time, then by id.
func oldestFirst(a, b *record) int {
	return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id))
}

// text is the number of a string in a project's texts.
type text uint32

// noText is the number of a text that has no value.
const noText text = 0

// texts stores each string of a project once, because runs share branches,
// environments and commits.
type texts struct {
	strings []*string
	numbers map[string]text
}

func newTexts() *texts {
	return &texts{strings: []*string{new("")}, numbers: map[string]text{}}
}

func (t *texts) keep(s string) text {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	n := text(len(t.strings))
	t.strings = append(t.strings, &s)
	t.numbers[s] = n
	return n
}

// find returns the number of a string, if any run has ever had it.
func (t *texts) find(s string) (text, bool) {
	n, ok := t.numbers[s]
	return n, ok
}

func (t *texts) text(n text) string     { return *t.strings[n] }
func (t *texts) pointer(n text) *string { return t.strings[n] }
