package apiclient

import (
	"net/url"
	"strconv"
)

// MaxPerPage is the most items that the API gives on one page.
const MaxPerPage = 100

// Query selects runs. The zero value of a field leaves its parameter out.
type Query struct {
	ID             int64 // only the run with this id; the API answers 404 where there is none
	PerPage        int   // 1 to MaxPerPage; left out, it is 20 for the API and MaxPerPage for [Session.Pages]
	Page           int   // from 1
	IntervalInDays int   // created in the last N days
	State          State
	Result         Result

	full int // how many items a full page has, where a page of the list was read; else 0
}

func (q Query) values() url.Values {
	p := parameters{}
	p.setInt("id", q.ID)
	p.setInt("per_page", int64(q.PerPage))
	p.setInt("page", int64(q.Page))
	p.setInt("interval_in_days", int64(q.IntervalInDays))
	p.setText("state", string(q.State))
	p.setText("result", string(q.Result))
	return url.Values(p)
}

// parameters are those of a request. A zero value is left out.
type parameters url.Values

func (p parameters) setInt(name string, n int64) {
	if n != 0 {
		url.Values(p).Set(name, strconv.FormatInt(n, 10))
	}
}

func (p parameters) setText(name, text string) {
	if text != "" {
		url.Values(p).Set(name, text)
	}
}
