package collector

import (
	"regexp"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// goesOn are words about an exporter that goes on.
var goesOn = regexp.MustCompile(`refresh|restart|by itself|less often`)

// What to do is said to somebody who runs an exporter, and to one who ran a command
// that has ended.
func TestExplain(t *testing.T) {
	for _, test := range []struct {
		err           error
		serving, once string
	}{
		{
			&apiclient.StatusError{Code: 401},
			"put a valid key of the project where this one is read from; a file is read again at the next refresh, a variable after a restart",
			"put a valid key of the project where this one is read from",
		},
		{
			&apiclient.StatusError{Code: 402},
			"the API asks for payment: settle it with Empirical; the next refresh finds out by itself",
			"the API asks for payment: settle it with Empirical",
		},
		{
			&apiclient.RateLimitError{},
			"if it goes on, lower --api.max-rate or --api.concurrency, or scrape less often",
			"if it goes on, lower --api.max-rate or --api.concurrency",
		},
		{
			&apiclient.ProxyError{Code: 403, Variable: "HTTPS_PROXY"},
			"have the proxy of $HTTPS_PROXY let the exporter through to the API, or list the API's host in $NO_PROXY and restart",
			"have the proxy of $HTTPS_PROXY let the exporter through to the API, or list the API's host in $NO_PROXY",
		},
		{
			&slowError{},
			"the next refresh has less to read; if it is too slow as well, raise --scrape.max-staleness or --api.max-rate, or shorten --runs.lookback",
			"raise --scrape.max-staleness or --api.max-rate, or shorten --runs.lookback",
		},
	} {
		if got := adviceOn(test.err); got != test.serving {
			t.Errorf("%v: %q, want %q", test.err, got, test.serving)
		}
		if _, got := Explain(test.err); got != test.once {
			t.Errorf("%v, read once: %q, want %q", test.err, got, test.once)
		}
	}
}

func TestAdvices_Brackets(t *testing.T) {
	for _, advice := range advices {
		once := brackets.ReplaceAllString(advice.do, "")
		if words := goesOn.FindString(once); words != "" || strings.ContainsAny(once, "[]") {
			t.Errorf("%q stays, without brackets or with one alone, in %q", words, once)
		}
		for _, part := range brackets.FindAllString(advice.do, -1) {
			if !goesOn.MatchString(part) {
				t.Errorf("%s would also hold for a command that has ended", part)
			}
		}
	}
}
