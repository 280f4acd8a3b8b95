package apitest

import (
	"slices"
	"time"
)

// longestInterval in days is long before any run and does not overflow.
const longestInterval = 1_000_000

// find returns a page of the runs that a query selects and how many it selects
// in all. Only with an id that no run has is found false.
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
		if p.inVerdict(c, q) && p.inPlace(c, q) && (q.days == 0 || c.created > cutoff) {
			selected = list{c}
		}
		return selected, true
	}
	selected = p.verdictList(q)
	if q.days != 0 {
		selected = selected.since(cutoff)
	}
	if q.branch == nil && q.environments == nil {
		return selected, true
	}
	var matching list
	for _, c := range selected {
		if p.inPlace(c, q) {
			matching = append(matching, c)
		}
	}
	return matching, true
}

// verdictList is the list of what the filters state and result select.
func (p *Project) verdictList(q query) list {
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

// inVerdict tells whether a record passes the filters state and result.
func (p *Project) inVerdict(c *record, q query) bool {
	if q.state != nil && p.texts.text(c.state) != *q.state {
		return false
	}
	return q.result == "" || (c.state == p.endedText && c.failed == (q.result == "failed"))
}

// inPlace tells whether a record passes the filters branch and environment_ids.
func (p *Project) inPlace(c *record, q query) bool {
	if q.branch != nil && (c.texts[branchText] == noText || p.texts.text(c.texts[branchText]) != *q.branch) {
		return false
	}
	if q.environments == nil {
		return true
	}
	if c.texts[environmentText] == noText {
		return false
	}
	place := slices.Index(p.environments, p.texts.text(c.texts[environmentText]))
	return slices.Contains(q.environments, int64(place)+1)
}
