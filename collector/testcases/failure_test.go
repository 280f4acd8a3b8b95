package testcases

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// A reading that fails leaves the last good one as it was, logs one line, however
// long it lasts, and is tried again.
func TestReader_Failures(t *testing.T) {
	t.Parallel()
	json := func(body string) apitest.Fault { return apitest.Body("application/json", []byte(body)) }
	for name, c := range map[string]struct {
		fault apitest.Fault
		when  apitest.Match
		says  []string
	}{
		"unauthorized":      {apitest.Status(401, "not with this key"), apitest.TestCases(), []string{"401 Unauthorized: not with this key", "--tests.top=0"}},
		"payment":           {apitest.Status(402, "invoice"), apitest.TestCases(), []string{"402 Payment Required: invoice", "the API asks for payment"}},
		"second list":       {apitest.Status(403, "not yours"), apitest.OrderBy("flaky_rate"), []string{"403 Forbidden"}},
		"long wait":         {apitest.StatusRetryAfter(429, "120"), apitest.TestCases(), []string{"asks to wait until"}},
		"list of texts":     {json(`{"data":{"test_cases":["a","b"]}}`), apitest.TestCases(), []string{"data.test_cases[0]: it is not an object", "2 of 2 entries"}},
		"no answer":         {apitest.HangBeforeHeaders(), apitest.TestCases(), []string{"no complete answer within"}},
		"half of an answer": {apitest.TruncateBody(20), apitest.OrderBy("flaky_rate"), []string{"cut short"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := newTestbed(t, DefaultConfig())
			tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(-time.Hour), FailedCount: new(int64(3))})
			tb.read()
			before := tb.view()
			mend := tb.api.Inject(c.fault, c.when)
			tb.readLater()
			tb.wantLogged(append(c.says, "level=warn", "the runs' metrics are")...)
			view := tb.view()
			if !view.Fresh || view.Up || !view.ReadAt.Equal(before.ReadAt) || !cmp.Equal(view.Tests, before.Tests) {
				t.Errorf("%+v, want what was read before, but not up", view)
			}
			if name != "no answer" { // which takes long enough once
				tb.readLater()
				tb.wantLogged()
			}
			mend()
			tb.skipPause()
			tb.readLater()
			tb.wantLogged("level=info", "up to date again")
			if view := tb.view(); !view.Up || len(view.Tests) != 3 || !view.ReadAt.Equal(tb.now) {
				t.Errorf("%+v, want a good reading", view)
			}
		})
	}
}

// One bad entry costs itself, and one line of the log.
func TestReader_RefusedEntry(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	bad := test("b", 0, 1, 0)
	bad["test_name"] = 5
	remove := tb.lists([]entry{test("a", 0, 5, 0), bad}, nil)
	tb.read()
	tb.wantLogged("level=warn", "for_example=data.test_cases[1]", "test_name is not a text", "entries=1")
	if got := tb.ids(); got != "a" || !tb.view().Up {
		t.Errorf("%s, want the good entry", got)
	}
	tb.readLater()
	tb.wantLogged()
	remove()
	tb.readLater()
	tb.lists([]entry{test("a", 0, 5, 0), bad}, nil)
	tb.readLater()
	tb.wantLogged("test_name is not a text")
}

// A reading that is ended by its context counts nowhere.
func TestReader_Stopped(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	tb.read()
	tb.now = tb.now.Add(time.Hour / 2)
	if !tb.reader.Begin(tb.now, "shop") {
		t.Fatal("no reading is due")
	}
	tb.reader.Read(ended(t), tb.client.Session(nil))
	tb.wantLogged()
	if view := tb.view(); !view.Up || !view.ReadAt.Equal(noon) {
		t.Errorf("%+v, want what was read before", view)
	}
	tb.readLater() // the next one begins
}
