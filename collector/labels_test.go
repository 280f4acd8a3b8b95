package collector_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// hostile are texts that have broken expositions elsewhere.
var hostile = []string{
	`"`, `\`, "\n", "\r\n", `\n`, `\"`, `a="b",c="d"} 1`, "# HELP x\n# TYPE x counter", "{}", "\x00", "\u2028", "\ufeff",
	"🦊 tests 🧪", "e\u0301 é", "\u202eevil", strings.Repeat("x", 4<<10), strings.Repeat("é", 2<<10), "", " ", "other",
	"$HOME", "%s%n", "<script>alert(1)</script>", "__name__", "le",
}

// TestLabels_Hostile lets every text of a run be hostile.
func TestLabels_Hostile(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		for i, text := range hostile {
			tb.project.Add(apitest.Run{
				State: "error", Branch: new(text), EnvironmentSlug: new(hostile[(i+1)%len(hostile)]),
				BuildBranch: new(text), Commit: new(text), ErrorCode: new(text),
			})
		}
		tb.start()
		tb.scrape()
		tb.wantAll("with hostile texts")
		got := map[string]bool{}
		for _, m := range tb.parsed("empirical_runs") {
			got[string(m["branch"])] = true
		}
		for _, text := range hostile {
			if !got[label(&text)] {
				t.Errorf("no branch %.40q in what a scraper reads, of %d branches", text, len(got))
			}
		}
	})
}

// TestLabels_InvalidUTF8 sends bytes that are no text. They must not cost the scrape.
func TestLabels_InvalidUTF8(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		for i, raw := range []string{"\"a\xff\xfeb\"", `"a\ud800b"`, "\"\xc0\xaf\""} {
			tb.project.Add(apitest.Run{State: "ended", Extra: map[string]json.RawMessage{
				"test_run_branch": json.RawMessage(raw), "environment_slug": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(i))),
			}})
		}
		tb.start()
		tb.refresh()
		want := map[string]string{"0": "a??b", "1": "a?b", "2": "??"}
		for _, m := range tb.parsed("empirical_last_completed_run_success") {
			if branch := want[string(m["environment"])]; string(m["branch"]) != branch {
				t.Errorf("branch %q in environment %q, want %q", m["branch"], m["environment"], branch)
			}
			delete(want, string(m["environment"]))
		}
		if len(want) != 0 {
			t.Errorf("not shown: %q", want)
		}
	})
}

// parsed returns the labels of a family as a scraper reads them off the text.
func (tb *testbed) parsed(family string) []model.Metric {
	tb.Helper()
	response := httptest.NewRecorder()
	promhttp.HandlerFor(tb.registry, promhttp.HandlerOpts{}).ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		tb.Fatalf("status %d, and what a scraper reads: %v", response.Code, err)
	}
	var all []model.Metric
	for _, m := range families[family].GetMetric() {
		labels := model.Metric{}
		for _, pair := range m.GetLabel() {
			labels[model.LabelName(pair.GetName())] = model.LabelValue(pair.GetValue())
		}
		all = append(all, labels)
	}
	return all
}

// Two long names that begin alike stay two, and a very long one costs nothing.
func TestLabels_Long(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, byList bool) {
		tb := newTestbed(t, setup{byList: byList})
		long := strings.Repeat("é", 2<<20)
		for _, branch := range []string{long, long + "x", strings.Repeat("a", 255), strings.Repeat("a", 256), "a\ufffdb"} {
			tb.project.Add(apitest.Run{State: "ended", Branch: new(branch)})
		}
		tb.start()
		tb.scrape()
		tb.wantAll("with long texts")
		var branches []string
		for _, m := range tb.parsed("empirical_last_completed_run_success") {
			branches = append(branches, string(m["branch"]))
		}
		slices.Sort(branches)
		if len(slices.Compact(branches)) != 5 {
			t.Errorf("branches %q, want five", branches)
		}
		for _, branch := range branches {
			if len(branch) > 255 || strings.ContainsRune(branch, '\ufffd') {
				t.Errorf("branch %.300q of %d bytes", branch, len(branch))
			}
		}
	})
}
