package prometheus_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// checkCounters ends a run. Its duration must appear in a native and in a classic
// histogram, with the number of the run as exemplar, and the counters must have
// the created timestamp of the exporter.
func (s *testBed) checkCounters(t *testing.T) {
	t.Helper()
	prometheus, group := s.servers[0], `branch="main",environment="healthy",instance="`+s.addresses.first+`"`
	s.checkout.Update(s.running, func(run *apitest.Run) {
		run.State, run.TotalCount, run.SuccessCount, run.Duration = "ended", new(int64(100)), new(int64(100)), new(int64(300))
	})
	await(t, "a native histogram", func() bool {
		return prometheus.holds(t, `histogram_count(empirical_run_duration_seconds{`+group+`}) == 1`)
	})
	await(t, "a classic histogram", func() bool {
		return prometheus.holds(t, `empirical_run_duration_seconds_bucket{`+group+`,le="300.0"} == 1`)
	})
	await(t, "an increase", func() bool {
		return prometheus.holds(t, `increase(empirical_finished_runs_total{`+group+`,outcome="passed"}[1m]) > 0`)
	})
	s.checkExemplar(t, group)

	counter := prometheus.query(t, `empirical_finished_runs_total{`+group+`,outcome="passed"}[10m]`)
	gauge := prometheus.query(t, `empirical_runs{`+group+`,state="ended"}[10m]`)
	if len(counter) != 1 || len(gauge) != 1 {
		t.Fatalf("%d counters and %d gauges of a group", len(counter), len(gauge))
	}
	if first, scraped := counter[0].Values[0], gauge[0].Values[0]; first.value != 0 || first.at >= scraped.at {
		t.Errorf("the counter begins with %v at %v, first scraped at %v: its created timestamp is not taken", first.value, first.at, scraped.at)
	}
}

func (s *testBed) checkExemplar(t *testing.T, group string) {
	t.Helper()
	var answer struct {
		Data []struct {
			Exemplars []struct{ Labels map[string]string }
		}
	}
	query := url.Values{
		"query": {`{__name__=~"empirical_run_duration_seconds.*",` + group + `}`},
		"start": {strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)},
		"end":   {strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)},
	}
	want := strconv.FormatInt(s.running, 10)
	await(t, "an exemplar with the run's number", func() bool {
		s.servers[0].get(t, "/api/v1/query_exemplars?"+query.Encode(), &answer)
		for _, of := range answer.Data {
			for _, exemplar := range of.Exemplars {
				if exemplar.Labels["run_id"] == want {
					return true
				}
			}
		}
		return false
	})
}

// checkTests checks that alerts on failures and on flaky tests link to the worst tests.
func (s *testBed) checkTests(t *testing.T) {
	t.Helper()
	for alert, says := range map[string]string{
		"EmpiricalRunFailureRatioHigh": "Tests of the project that fail most: ",
		"EmpiricalFlakyRatioHigh":      "Tests of the project that are flaky most often: ",
	} {
		for _, prometheus := range s.servers {
			await(t, "links to the tests in "+alert, func() bool {
				var answer struct{ Data struct{ Alerts []notice } }
				prometheus.get(t, "/api/v1/alerts", &answer)
				return slices.ContainsFunc(answer.Data.Alerts, func(n notice) bool {
					_, tests, there := strings.Cut(n.Annotations["description"], says)
					return n.Labels["alertname"] == alert && there && strings.Count(tests, "?test_id=") == 3
				})
			})
		}
	}
}

// checkAgreement checks that two Prometheus servers that scrape the same exporters
// record the same. What says when something was seen is left out.
func (s *testBed) checkAgreement(t *testing.T) {
	t.Helper()
	recorded := func(prometheus server) []string {
		var all []string
		for _, of := range prometheus.query(t, `{__name__=~"(group|project):empirical_.+:(max|sum|ratio)"}`) {
			all = append(all, text(of.Metric)+" "+strconv.FormatFloat(of.Value.value, 'g', -1, 64))
		}
		slices.Sort(all)
		return all
	}
	var first, second []string
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("two Prometheus servers record:\n%s", cmp.Diff(first, second))
		}
	})
	await(t, "two Prometheus servers to agree", func() bool {
		first, second = recorded(s.servers[0]), recorded(s.servers[1])
		return len(first) > 0 && slices.Equal(first, second)
	})
}

// checkGone checks that a group without runs has no series any more, but what is remembered.
func (s *testBed) checkGone(t *testing.T) {
	t.Helper()
	for _, prometheus := range s.servers {
		await(t, "a group without runs to go", func() bool {
			return prometheus.holds(t, `empirical_runs{environment=~".+"}`) &&
				!prometheus.holds(t, `{environment="shortlived",__name__!~"group:empirical_last_(run:timestamp_seconds|completed_run:info)"} or {exported_environment="shortlived"}`)
		})
	}
}

// checkRouting checks that the example configuration of Alertmanager routes alerts
// to their receivers, and inhibits those that follow from others.
func (s *testBed) checkRouting(t *testing.T) {
	t.Helper()
	for receiver, alert := range map[string]string{
		"payments-on-call": "alertname=EmpiricalNoPassedRun branch=main environment=nopass",
		"payments-chat":    "alertname=EmpiricalFailingStreak branch=main environment=streak",
		"on-call":          "alertname=EmpiricalKeyRejected",
		"team-chat":        "alertname=EmpiricalWindowMissing",
	} {
		await(t, "an alert at "+receiver, func() bool {
			for labels := range s.hook.at(receiver) {
				if strings.HasPrefix(labels, alert) {
					return true
				}
			}
			return false
		})
	}
	for _, alert := range []map[string]string{
		labels("EmpiricalAPINotAnswering", "warning", "key", "payments", "project", "payments"),
		labels("EmpiricalAPINotAnswering", "warning", "key", "search", "project", "search"),
		labels("EmpiricalProjectUnseen", "critical", "project", "payments"),
		labels("EmpiricalRunStuck", "warning", "project", "checkout", "state", "pending", "team", "payments"),
	} {
		await(t, "an inhibited alert: "+text(alert), func() bool { return slices.Contains(s.heldBack(t), text(alert)) })
	}
}

// heldBack returns the labels of the alerts that the example configuration inhibits.
func (s *testBed) heldBack(t *testing.T) []string {
	t.Helper()
	var alerts []struct {
		Labels map[string]string
		Status struct{ InhibitedBy json.RawMessage }
	}
	s.alerting[1].get(t, "/api/v2/alerts?inhibited=true&active=false", &alerts)
	var held []string
	for _, alert := range alerts {
		if string(alert.Status.InhibitedBy) != "[]" {
			held = append(held, text(alert.Labels))
		}
	}
	return held
}
