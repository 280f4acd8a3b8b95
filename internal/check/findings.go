package check

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// issues is where users report what they cannot put right themselves.
const issues = "open an issue at https://github.com/empirical-exporter/empirical_exporter/issues with what check --format=json writes"

// findings says in words what the facts mean.
func (f *Facts) findings(now time.Time, config *collector.Config) []Section {
	sections := []Section{{Title: "Connection", Findings: f.connection()}}
	if f.Failure != nil {
		if f.Items.Read > 0 || len(f.Items.MissingKeys) > 0 {
			sections = append(sections, Section{Title: "Items that came before the error", Findings: f.keys()})
		}
		return sections
	}
	sections = append(sections, Section{Title: "Runs", Findings: f.runs(now, config)})
	if f.Items.Read > 0 {
		sections = append(sections, Section{Title: "Items", Findings: f.items()})
	}
	return append(sections,
		Section{Title: "Metrics", Findings: append(f.metrics(config), f.tests())},
		f.Days.section())
}

func (f *Facts) connection() []Finding {
	var all []Finding
	if f.API.HTTP != "" {
		all = append(all, f.reached())
	}
	if f.Failure != nil {
		return append(all, f.failure())
	}
	return append(all, Finding{Mark: OK, Subject: "key", Text: "accepted"}, f.project(), f.requests(), f.rateLimit())
}

// failure says why the runs could not be read.
func (f *Facts) failure() Finding {
	finding := Finding{Mark: Fix, Subject: "runs", Text: f.Failure.Error, Advice: f.Failure.Advice}
	switch {
	case f.Failure.Reason == "unauthorized":
		finding.Subject = "key"
	case f.Failure.Reason == "duplicate_project":
		finding.Subject = "project"
	case f.API.HTTP == "":
		finding.Subject, finding.Text = "reached", f.where()+" does not answer: "+f.Failure.Error
	}
	return finding
}

// where is the URL, and the proxy on the way.
func (f *Facts) where() string {
	if f.API.Proxy == "" {
		return f.API.URL
	}
	return f.API.URL + ", through the proxy " + f.API.Proxy + ","
}

func (f *Facts) reached() Finding {
	text := strings.TrimSuffix(f.where(), ",") + ", " + f.API.HTTP
	switch {
	case f.API.TLS == "" && isLoopback(f.API.URL):
		return Finding{Mark: OK, Subject: "reached", Text: text + ", without TLS on this machine"}
	case f.API.TLS == "":
		return Finding{Mark: Note, Subject: "reached", Text: text + ", without TLS: everybody on the way can read the key"}
	}
	return Finding{Mark: OK, Subject: "reached", Text: text + ", " + f.API.TLS}
}

// isLoopback reports whether a URL leads to this machine.
func isLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

func (f *Facts) project() Finding {
	text := f.Project.Slug
	if f.Project.Name != "" {
		text += fmt.Sprintf(" (%s)", f.Project.Name)
	}
	if f.Project.RepoName != "" {
		text += ", repository " + f.Project.RepoName
	}
	if f.Project.Team != "" {
		text += ", team " + f.Project.Team
	}
	return Finding{Mark: OK, Subject: "project", Text: text}
}

func (f *Facts) requests() Finding {
	finding := Finding{
		Mark: OK, Subject: "latency",
		Text: fmt.Sprintf("median %s, slowest %s, of %s", latency(f.API.MedianLatency), latency(f.API.SlowestLatency), counted(f.API.Requests, "request")),
	}
	others := map[string]int{}
	for status, n := range f.API.ByStatus {
		if status != "200" {
			others["with "+status] = n
		}
	}
	if len(others) > 0 {
		finding.Text += "; not answered with 200: " + tally(others, 5)
		finding.Mark = Note
	}
	return finding
}

func (f *Facts) rateLimit() Finding {
	finding := Finding{Mark: OK, Subject: "rate limit", Text: "no header names one"}
	if len(f.API.RateLimitHeaders) == 0 {
		return finding
	}
	var headers []string
	for _, name := range slices.Sorted(maps.Keys(f.API.RateLimitHeaders)) {
		headers = append(headers, name+": "+f.API.RateLimitHeaders[name])
	}
	finding.Text, finding.Documented = strings.Join(headers, "; "), "no rate limit"
	finding.Mark = Docs
	return finding
}

func (f *Facts) runs(now time.Time, config *collector.Config) []Finding {
	all := []Finding{f.found(now, config)}
	if n := sum(f.Runs.Refused); n > 0 {
		refused := Finding{Mark: Note, Subject: "refused", Text: fmt.Sprintf("%s left out because they cannot be trusted, by reason: %s; ", counted(n, "item"), tally(f.Runs.Refused, 5))}
		switch {
		case f.Runs.RefusedID != 0:
			refused.Text += fmt.Sprintf("of run %d %s", f.Runs.RefusedID, f.Runs.RefusedFor)
		default:
			refused.Text += "of one of them " + f.Runs.RefusedFor
		}
		all = append(all, refused)
	}
	if f.Items.Read == 0 {
		return all
	}
	order := Finding{Mark: OK, Subject: "order", Text: "newest first"}
	if !f.Runs.NewestFirst {
		order.Mark, order.Text = Note, "not newest first: each refresh must read the whole list, where one page would do"
	}
	all = append(all, f.states(), order)
	if !f.Runs.Pagination {
		all = append(all, Finding{Mark: Docs, Subject: "pagination", Text: "total and total_pages are missing", Documented: "in each answer"})
	}
	return all
}

func (f *Facts) found(now time.Time, config *collector.Config) Finding {
	if f.Runs.InLookback == 0 {
		return Finding{
			Mark: Note, Subject: "runs",
			Text: fmt.Sprintf("none in the last %s: there are no metrics of runs before the first; a longer --runs.lookback reads older ones", spelled(config.Lookback)),
		}
	}
	if ahead := f.Runs.Newest.Sub(now); ahead > time.Minute {
		return Finding{
			Mark: Note, Subject: "runs",
			Text: fmt.Sprintf("%s in the last %s, on %s; the newest lies %s ahead of this machine's clock: one of the two clocks is wrong",
				terminal.Number(f.Runs.InLookback), spelled(config.Lookback), counted(f.Runs.Pages, "page"), age(ahead)),
		}
	}
	return Finding{
		Mark: OK, Subject: "runs",
		Text: fmt.Sprintf("%s in the last %s, on %s; the newest is %s old",
			terminal.Number(f.Runs.InLookback), spelled(config.Lookback), counted(f.Runs.Pages, "page"), age(now.Sub(*f.Runs.Newest))),
	}
}

func (f *Facts) states() Finding {
	finding := Finding{Mark: OK, Subject: "states", Text: tally(f.Runs.ByState, 8)}
	if len(f.Items.UnknownStates) > 0 {
		finding.Mark, finding.Documented = Docs, "seven states"
		finding.Text += "; shown as unknown: " + tally(f.Items.UnknownStates, 5)
	}
	return finding
}

func sum(counts map[string]int) int {
	all := 0
	for _, n := range counts {
		all += n
	}
	return all
}
