package testcases

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestReader_TwoRequests(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, Config{Top: 3, Window: Window{Name: "336h", Days: 14}, Interval: time.Minute})
	tb.read()
	var got []url.Values
	for _, r := range tb.api.Requests() {
		got = append(got, r.Query)
	}
	query := func(by string) url.Values {
		return url.Values{"days": {"14"}, "limit": {"3"}, "order": {"desc"}, "order_by": {by}}
	}
	if diff := cmp.Diff([]url.Values{query("fail_rate"), query("flaky_rate")}, got); diff != "" {
		t.Error(diff)
	}
}

// What is read of the API in memory is what its runs say.
func TestReader_Counts(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	for i := range 4 {
		tb.project.Add(apitest.Run{
			State: "ended", CreatedAt: noon.Add(-time.Duration(i+1) * time.Hour),
			SuccessCount: new(int64(10)), FailedCount: new(int64(2)), FlakyCount: new(int64(1)),
		})
	}
	tb.read()
	var passed, failed, flaky int64
	for _, test := range tb.view().Tests {
		failed += test.Failed
		flaky += test.Flaky
		passed += test.Passed
		if test.Failed+test.Flaky == 0 || test.Passed+test.Failed+test.Flaky != 4 || !test.LastRunAt.Equal(noon.Add(-time.Hour)) {
			t.Errorf("%+v", test)
		}
	}
	if failed != 8 || flaky != 4 {
		t.Errorf("%d failed and %d flaky executions, want 8 and 4", failed, flaky)
	}
	if view := tb.view(); !view.Up || !view.Fresh || !view.ReadAt.Equal(noon) || view.Window != "7d" || view.Total != (apiclient.Count{N: 12, Known: true}) {
		t.Errorf("%+v", view)
	}
	tb.wantLogged()
}

// Both lists are shown, each as long as it may be, and no test twice. A test that
// never failed and was never flaky is in none of them.
func TestReader_Union(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, Config{Top: 3, Interval: time.Minute})
	remove := tb.lists(
		[]entry{test("a", 0, 5, 0), test("b", 6, 4, 0), test("c", 9, 1, 0)},
		[]entry{test("d", 1, 0, 9), test("b", 6, 4, 0), test("e", 9, 0, 1)})
	tb.read()
	if got := tb.ids(); got != "a b c d e" {
		t.Errorf("%s, want the tests of both lists", got)
	}
	remove()
	tb.lists(
		[]entry{test("c", 9, 1, 0), test("x", 10, 0, 0), test("y", 0, 0, 0)},
		[]entry{test("c", 9, 1, 0), test("x", 10, 0, 0), test("y", 0, 0, 0)})
	tb.readLater()
	if got := tb.ids(); got != "c" {
		t.Errorf("%s, want the test that is still in a list", got)
	}
}

// Should the API not keep to order and limit, or sort by whole percents, no more
// tests are shown, and those with the highest rates.
func TestReader_OrderAndLimitIgnored(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, Config{Top: 2, Interval: time.Minute})
	var all []entry
	for i := range 5000 {
		all = append(all, test(fmt.Sprintf("t%d", i), 5000, i*(i%2), i*((i+1)%2)))
	}
	tb.lists(all, all)
	tb.read()
	if got := tb.ids(); got != "t4999 t4997 t4998 t4996" {
		t.Errorf("%s, want two of each list", got)
	}
}

// A rate that rises by less than a percent counts.
func TestReader_ExactRates(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, Config{Top: 1, Interval: time.Minute})
	all := []entry{test("low", 996, 4, 0), test("high", 995, 5, 0), test("many", 9960, 40, 0)}
	tb.lists(all, all)
	tb.read()
	if got := tb.ids(); got != "high low" {
		t.Errorf("%s, want the one that fails most often, and the first one that was never flaky", got)
	}
}

// Two entries of one id would be two samples of one series, and no scrape would work.
func TestReader_EntriesOfOneID(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	tb.lists(
		[]entry{test("a", 0, 5, 0), test("a", 1, 4, 0), test("a?", 1, 4, 0), test("a\ufffd", 1, 4, 0)},
		[]entry{test("a", 6, 4, 1)})
	tb.read()
	if got := tb.ids(); got != "a a?" || tb.view().Tests[0].Failed != 5 {
		t.Errorf("%s, want each once, by its first entry", got)
	}
}

func TestReader_Texts(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	long := strings.Repeat("very long ", 100)
	one, two, three, four := test("1", 0, 1, 0), test("2", 0, 1, 0), test("3", 0, 1, 0), test("4", 0, 1, 0)
	one["test_name"], two["test_name"] = "the same", "the same"
	three["test_name"], four["test_name"] = "says \"hi\"\nto \\ you\ufffd", long
	four["file_path"], four["project_name"], four["last_run_at"] = long, nil, nil
	delete(three, "project_name")
	tb.lists([]entry{one, two, three, four}, nil)
	tb.read()
	tests := tb.view().Tests
	if len(tests) != 4 || tests[0].Name != tests[1].Name || tests[0].FilePath == tests[1].FilePath {
		t.Errorf("names that are the same in two files: %+v", tests)
	}
	if want := "says \"hi\"\nto \\ you?"; tests[2].Name != want || tests[2].PlaywrightProject != "" {
		t.Errorf("%+v, want the name %q", tests[2], want)
	}
	if name := tests[3].Name; len(name) != 249 || !strings.HasPrefix(long, name[:240]) || tests[3].FilePath != name || !tests[3].LastRunAt.IsZero() {
		t.Errorf("%+v, want long texts cut", tests[3])
	}
}

// A test that is deleted leaves with the next reading.
func TestReader_DeletedTest(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	tb.project.Add(apitest.Run{State: "ended", CreatedAt: noon.Add(-time.Hour), FailedCount: new(int64(3))})
	tb.read()
	before := len(tb.view().Tests)
	tb.api.Inject(apitest.EditTestCases(func(tests []any) []any { return tests[1:] }))
	tb.readLater()
	if after := len(tb.view().Tests); before != 3 || after != 2 {
		t.Errorf("%d tests, then %d; want 3, then 2", before, after)
	}
}

func TestReader_Due(t *testing.T) {
	t.Parallel()
	config := DefaultConfig()
	tb := newTestbed(t, config)
	if !tb.reader.Begin(noon, "shop") {
		t.Error("the first reading is not due")
	}
	if tb.reader.Begin(noon.Add(config.Interval), "shop") {
		t.Error("a reading begins while another is under way")
	}
	tb.reader.Read(t.Context(), tb.client.Session(nil))
	for after, want := range map[time.Duration]bool{0: false, config.Interval - time.Second: false, config.Interval: true, -time.Second: true} {
		reader := New(config, nil)
		reader.began, reader.asked = noon, "shop"
		if got := reader.Begin(noon.Add(after), "shop"); got != want {
			t.Errorf("after %s: due %t, want %t", after, got, want)
		}
	}
	if !tb.reader.Begin(noon, "renamed") {
		t.Error("the first reading of another project is not due")
	}
}

func TestReader_Off(t *testing.T) {
	t.Parallel()
	reader := New(Config{Interval: time.Minute}, nil)
	if reader.Begin(noon, "shop") || reader.View(noon, "shop") != nil {
		t.Error("tests are read or shown, though none are to be")
	}
}

// A reading is shown for three intervals, and by the project that it is of.
func TestReader_Fresh(t *testing.T) {
	t.Parallel()
	tb := newTestbed(t, DefaultConfig())
	if view := tb.view(); view.Up || view.Fresh || !view.ReadAt.IsZero() {
		t.Errorf("before the first reading: %+v", view)
	}
	tb.read()
	const interval = 15 * time.Minute
	for after, want := range map[time.Duration]bool{
		0: true, 3 * interval: true, 3*interval + time.Second: false, -3 * interval: true, -3*interval - time.Second: false,
	} {
		if view := tb.reader.View(noon.Add(after), "shop"); view.Fresh != want || view.Up != want {
			t.Errorf("after %s: %+v, want fresh %t", after, view, want)
		}
	}
	if view := tb.reader.View(noon, "renamed"); view.Fresh || view.Up {
		t.Errorf("for another project: %+v", view)
	}
}
