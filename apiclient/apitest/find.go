package apitest

import (
	"slices"
	"time"
)

// longestInterval is an interval in days that starts before any run. Longer ones
// would overflow.
const longestInterval = 1_000_000

// find returns a page of the runs that a query selects, and how many it selects in
// total. found is false only where the query has an id that no run has.
func (p *Project) find(q query, now time.Time) (page []Run, total int, found bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	selected, found := p.choose(q, now)
	for _, c := range selected.page(q.page, q.perPage, q.oldestFirst) {
		page = append(page, c.unpack(p.texts))
	}
	return page, len(selected), found
}

// choose returns all records that a query selects.
func (p *Project) choose(q query, now time.Time) (selected list, found bool) {
	cutoff := now.UnixMilli() - min(q.days, longestInterval)*24*time.Hour.Milliseconds()
	if q.id != 0 {
		c := p.index.byID[q.id]
		if c == nil {
			return nil, false
		}
		if p.matchesResult(c, q) && p.matchesGroup(c, q) && (q.days == 0 || c.created > cutoff) {
			selected = list{c}
		}
		return selected, true
	}
	selected = p.resultList(q)
	if q.days != 0 {
		selected = selected.since(cutoff)
	}
	if q.branch == nil && q.environments == nil {
		return selected, true
	}
	var matching list
	for _, c := range selected {
		if p.matchesGroup(c, q) {
			matching = append(matching, c)
		}
	}
	return matching, true
}

// resultList returns the list of the runs that the filters state and result select.
func (p *Project) resultList(q query) list {
	switch {
	case q.result != "" && q.state != nil && *q.state != ended:
		return nil
	case q.result == "passed":
		return p.index.passed
	case q.result == "failed":
		return p.index.failed
	case q.state == nil:
		return p.index.all
	}
	state, known := p.texts.find(*q.state)
	if !known || p.index.byState[state] == nil {
		return nil
	}
	return *p.index.byState[state]
}

// matchesResult reports whether a record matches the filters state and result.
func (p *Project) matchesResult(c *record, q query) bool {
	if q.state != nil && p.texts.text(c.state) != *q.state {
		return false
	}
	return q.result == "" || (c.state == p.endedText && c.failed == (q.result == "failed"))
}

// matchesGroup reports whether a record matches the filters branch and
// environment_ids.
func (p *Project) matchesGroup(c *record, q query) bool {
	if q.branch != nil && (c.texts[branchText] == noText || p.texts.text(c.texts[branchText]) != *q.branch) {
		return false
	}
	if q.environments == nil {
		return true
	}
	if c.texts[environmentText] == noText {
		return false
	}
	i := slices.Index(p.environments, p.texts.text(c.texts[environmentText]))
	return slices.Contains(q.environments, int64(i)+1)
}
