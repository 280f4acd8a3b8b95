package collector_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// TestManyBranches has a hundred thousand branches in the lookback: what is
// shown stays bounded, and nothing is lost from the sums.
func TestManyBranches(t *testing.T) {
	t.Parallel()
	const branches, environments, shown = 100_000, 3, 200
	s := newStage(t, newTestClock(), false, testConfig())
	runs := make([]apitest.Run, branches)
	for i := range runs {
		runs[i] = apitest.Run{
			State: "ended", CreatedAt: s.clock.Now().Add(-time.Duration(i) * 6 * time.Second),
			Branch: new(fmt.Sprintf("feat/%d", i)), EnvironmentSlug: new(fmt.Sprintf("env-%d", i%environments)),
			TotalCount: new(int64(7)), SuccessCount: new(int64(7)),
		}
	}
	s.project.AddAll(runs)
	s.start()
	s.refresh()
	gauges, others := s.gather()
	var sum, groups float64
	for series, value := range gauges.only("empirical_runs") {
		sum += value
		groups += truth(labelled(series, "state", "ended"))
	}
	if sum != branches || groups != shown+environments {
		t.Errorf("%v runs in %v groups, want %d in %d", sum, groups, branches, shown+environments)
	}
	if n := len(gauges) + len(others); n > 100*(shown+environments) {
		t.Errorf("%d series of %d groups", n, shown+environments)
	}
	expected := exposition{}
	expected.set(branches-shown, "empirical_exporter_folded_groups", []string{"key", "default"})
	expected.set(branches, "empirical_exporter_runs", []string{"key", "default"})
	if about := diff(others.only("empirical_exporter_folded_groups", "empirical_exporter_runs"), expected); about != "" {
		t.Error(about)
	}
}

// hostile are texts that have broken expositions elsewhere.
var hostile = []string{
	`"`, `\`, "\n", "\r\n", `\n`, `\"`, `a="b",c="d"} 1`, "# HELP x\n# TYPE x counter", "{}", "\x00", "\u2028", "\ufeff",
	"🦊 tests 🧪", "e\u0301 é", "\u202eevil", strings.Repeat("x", 10<<10), strings.Repeat("é", 5<<10), "", " ", "other",
	"$HOME", "%s%n", "<script>alert(1)</script>", "__name__", "le",
}

// TestHostileLabelValues lets every text of a run, and of its project, be hostile.
func TestHostileLabelValues(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, stateless bool) {
		t.Helper()
		s := newStage(t, newTestClock(), stateless, testConfig())
		for i, text := range hostile {
			s.project.Add(apitest.Run{
				State: "error", Branch: new(text), EnvironmentSlug: new(hostile[(i+1)%len(hostile)]),
				BuildBranch: new(text), Commit: new(text), ErrorCode: new(text),
			})
		}
		s.start()
		s.mustBeRight("with hostile texts")
		got := map[string]bool{}
		for _, m := range s.parsed("empirical_runs") {
			got[string(m["branch"])] = true
		}
		for _, text := range hostile {
			if !got[text] {
				t.Errorf("no branch %.40q in what a scraper reads, of %d branches", text, len(got))
			}
		}
	})
}

// TestInvalidUTF8 sends bytes that are no text. They must not cost the scrape.
func TestInvalidUTF8(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, stateless bool) {
		t.Helper()
		s := newStage(t, newTestClock(), stateless, testConfig())
		for i, raw := range []string{"\"a\xff\xfeb\"", `"a\ud800b"`, "\"\xc0\xaf\""} {
			s.project.Add(apitest.Run{State: "ended", Extra: map[string]json.RawMessage{
				"test_run_branch": json.RawMessage(raw), "environment_slug": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(i))),
			}})
		}
		s.start()
		s.refresh()
		want := map[string]string{"0": "a\ufffd\ufffdb", "1": "a\ufffdb", "2": "\ufffd\ufffd"}
		for _, m := range s.parsed("empirical_last_completed_run_success") {
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
func (s *stage) parsed(family string) []model.Metric {
	s.t.Helper()
	response := httptest.NewRecorder()
	promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}).ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		s.t.Fatalf("status %d, and what a scraper reads: %v", response.Code, err)
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

func labelled(series, name, value string) bool {
	return strings.Contains(series, fmt.Sprintf("%s=%q", name, value))
}
