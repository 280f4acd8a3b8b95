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
}

func (q Query) values() url.Values {
	v := url.Values{}
	setInt := func(name string, n int64) {
		if n != 0 {
			v.Set(name, strconv.FormatInt(n, 10))
		}
	}
	setText := func(name, text string) {
		if text != "" {
			v.Set(name, text)
		}
	}
	setInt("id", q.ID)
	setInt("per_page", int64(q.PerPage))
	setInt("page", int64(q.Page))
	setInt("interval_in_days", int64(q.IntervalInDays))
	setText("state", string(q.State))
	setText("result", string(q.Result))
	return v
}
