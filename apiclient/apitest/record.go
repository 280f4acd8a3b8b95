package apitest

import (
	"cmp"
	"encoding/json"
	"time"
)

// record is a run as it is kept: a third of a [Run]'s size and, so that a
// million of them are no work for the garbage collector, without pointers to
// single values.
type record struct {
	id      int64
	created int64 // milliseconds since 1970
	numbers [7]int64
	texts   [7]text
	state   text
	known   uint8 // bit i: numbers[i] is given
	failed  bool
	extra   map[string]json.RawMessage
}

// numberFields and textFields fix the order of a run's fields in a record.
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
