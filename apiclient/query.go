package apiclient

import (
	"net/url"
	"strconv"
	"strings"
)

// MaxPerPage is the most items that the API gives on one page.
const MaxPerPage = 100

// Query selects runs. The zero value of a field leaves that parameter out.
type Query struct {
	ID             int64 // only the run with this id; the API answers 404 where there is none
	PerPage        int   // 1 to MaxPerPage; the API takes 20 when left out, [Session.Pages] takes MaxPerPage
	Page           int   // from 1
	Branch         string
	IntervalInDays int // created in the last N days
	State          State
	Result         Result
	EnvironmentIDs []int64
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
	setText("branch", q.Branch)
	setInt("interval_in_days", int64(q.IntervalInDays))
	setText("state", string(q.State))
	setText("result", string(q.Result))
	ids := make([]string, len(q.EnvironmentIDs))
	for i, id := range q.EnvironmentIDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	setText("environment_ids", strings.Join(ids, ","))
	return v
}
