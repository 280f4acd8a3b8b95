package collector_test

import (
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// TestKeysAreExchanged gives two keys each other's project. While the one can
// not read its new project it still has the old one, which the other shows
// already: shown twice it would cost the scrape both.
func TestKeysAreExchanged(t *testing.T) {
	for _, stateless := range []bool{false, true} {
		tr := newTrial(t, kind{stateless: stateless, keys: 2}, &fault{}) // project 1 has several pages
		tr.noteAll()
		tr.refresh()
		tr.mustShow("before")
		tr.projects[0].SetKey("in-between")
		tr.projects[1].SetKey(tr.secrets[0])
		tr.projects[0].SetKey(tr.secrets[1])
		mend := tr.api.Inject(apitest.Status(403, "not yet"), func(r apitest.Request) bool {
			return r.Project == tr.projects[1].Slug() && r.Query.Get("page") == "2"
		})
		tr.live()
		for range 2 {
			tr.apiClock.advance(testConfig().ZeroHold / 4)
			tr.clock.advance(testConfig().ZeroHold / 4)
			tr.refresh()
			tr.gather() // fails where a series comes twice
		}
		mend()
		tr.live()
		tr.noteAll()
		tr.refresh()
		tr.live()
		tr.noteAll()
		tr.refresh()
		tr.mustShow("after")
	}
}
