package prometheus_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// testBed has the API, exporters that read it, Prometheus servers that scrape them,
// and Alertmanagers that send to a webhook.
type testBed struct {
	*world
	hook       *webhook
	binary     string // of the exporter
	keys       string // directory
	addresses  scrapers
	exporters  map[string]*testproc.Process
	alerting   [2]server // one sends each alert at once, one has the example configuration
	servers    []server  // two are alike; one has target labels that rename the exporter's
	healSearch func()    // ends the outage of the key search
}

// TestEndToEnd checks that alerts arrive when the world gives cause, and end when the
// cause does, through the exporter, a real Prometheus and a real Alertmanager.
func TestEndToEnd(t *testing.T) {
	s := newTestBed(t)
	s.startAlertmanagers(t)
	s.startExporters(t)
	s.startPrometheus(t)
	s.breakKeys(t)
	s.checkCounters(t)
	s.breakRuns()

	s.awaitAlerts(t, inTrouble(s.world))
	s.checkRouting(t)
	s.checkTests(t)
	s.checkAgreement(t)

	s.repairAll(t)
	s.awaitAlerts(t, expected{})
	s.checkGone(t)

	for _, exporter := range s.exporters {
		exporter.Stop()
	}
	s.awaitAlerts(t, withoutExporters(s.addresses))
	s.startExporters(t)
	s.awaitAlerts(t, expected{})

	s.checkCalm(t)
}

func newTestBed(t *testing.T) *testBed {
	t.Helper()
	s := &testBed{
		hook: newWebhook(t), keys: t.TempDir(), exporters: map[string]*testproc.Process{},
		addresses: scrapers{testproc.MustFreeAddress(t), testproc.MustFreeAddress(t), testproc.MustFreeAddress(t)},
	}
	var err error
	if s.binary, err = testproc.BuildExporter(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	api := apitest.NewServer()
	t.Cleanup(api.Close)
	s.world = newWorld(api)
	for _, name := range []string{"checkout", "payments", "search", "mobile"} {
		write(t, filepath.Join(s.keys, name), name+"-1")
	}
	return s
}

// startExporters starts two exporters with the same keys, and one with a project of its own.
func (s *testBed) startExporters(t *testing.T) {
	t.Helper()
	for _, address := range []string{s.addresses.first, s.addresses.second} {
		s.startExporter(t, address, []string{"checkout", "payments", "search"})
	}
	if s.exporters[s.addresses.mobile] == nil {
		s.startExporter(t, s.addresses.mobile, []string{"mobile"}, "--runs.window=2h")
	} else {
		s.startExporter(t, s.addresses.mobile, []string{"mobile"})
	}
}

func (s *testBed) startExporter(t *testing.T, address string, keys []string, more ...string) {
	t.Helper()
	arguments := append([]string{
		"--api.url=" + s.api.URL, "--web.listen-address=" + address, "--api.timeout=300ms", "--api.max-rate=0",
		"--scrape.min-interval=100ms", "--scrape.max-staleness=6s", "--scrape.timeout-offset=300ms",
		"--runs.resync-interval=2s", "--runs.zero-hold=2s",
	}, more...)
	for _, key := range keys {
		arguments = append(arguments, "--api.key-file="+filepath.Join(s.keys, key))
	}
	s.exporters[address] = start(t, address, s.binary, arguments...)
}

// startAlertmanagers starts one that sends each alert at once, and one with the
// example configuration and shortened intervals.
func (s *testBed) startAlertmanagers(t *testing.T) {
	t.Helper()
	binary, err := testproc.Installed("prometheus-alertmanager", "ALERTMANAGER")
	if err != nil {
		t.Fatal(err)
	}
	configs := []string{
		`route: {receiver: all, group_by: ["..."], group_wait: 100ms, group_interval: 500ms, repeat_interval: 1h}
receivers: [{name: all, webhook_configs: [{url: "` + s.hook.server.URL + `/all"}]}]
`,
		replace(t, shorten(t, read(t, "alertmanager.yml"), speedUp), "http://localhost:9095", s.hook.server.URL),
	}
	for i, config := range configs {
		dir, address := t.TempDir(), testproc.MustFreeAddress(t)
		write(t, filepath.Join(dir, "alertmanager.yml"), config)
		start(t, address, binary, "--config.file="+filepath.Join(dir, "alertmanager.yml"),
			"--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
		s.alerting[i] = server(address)
	}
}

// startPrometheus starts the servers with the example configuration and shortened rules.
func (s *testBed) startPrometheus(t *testing.T) {
	t.Helper()
	binary, rules, example := testproc.MustTool(t, "prometheus"), shortRules(t, speedUp, "3"), read(t, "prometheus.yml")
	all := "[" + strings.Join([]string{s.addresses.first, s.addresses.second, s.addresses.mobile}, ", ") + "]"
	targets := []string{all, all, "[" + s.addresses.first + "]\n        labels: {environment: prod, project: qa}"}
	for i := range targets {
		dir, address := t.TempDir(), testproc.MustFreeAddress(t)
		write(t, filepath.Join(dir, "prometheus.yml"), replace(t, example,
			"scrape_interval: 1m", "scrape_interval: 1s", "evaluation_interval: 1m", "evaluation_interval: 1s",
			"scrape_timeout: 30s", "scrape_timeout: 1s", "replica: a", "replica: "+strconv.Itoa(i),
			"rules/*.yml\n", rules+"\n", "[localhost:10071]", targets[i],
			"[localhost:9093]", "["+string(s.alerting[0])+", "+string(s.alerting[1])+"]"))
		start(t, address, binary, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+dir,
			"--web.listen-address="+address, "--rules.alert.resend-delay=1s",
			"--enable-feature=exemplar-storage,created-timestamp-zero-ingestion")
		s.servers = append(s.servers, server(address))
	}
}

// breakKeys waits until both keys work. Then the API fails for one and rejects the other.
func (s *testBed) breakKeys(t *testing.T) {
	t.Helper()
	for _, prometheus := range s.servers {
		await(t, "the keys to work", func() bool {
			return prometheus.holds(t, `sum(empirical_up{key=~"search|payments"}) == 2 * count(group by (instance) (empirical_up{key="search"}))`)
		})
	}
	s.healSearch = s.api.Inject(apitest.Status(500, "out of order"), apitest.Key("search-1"))
	s.payments.SetKey("payments-2")
}

// repairAll ends each trouble as a person would.
func (s *testBed) repairAll(t *testing.T) {
	t.Helper()
	s.repair()
	s.healSearch()
	write(t, filepath.Join(s.keys, "payments"), "payments-2")
	s.exporters[s.addresses.mobile].Stop()
	s.startExporter(t, s.addresses.mobile, []string{"mobile"})
}

// awaitAlerts waits until exactly the expected alerts fire. It checks the texts of each.
func (s *testBed) awaitAlerts(t *testing.T, want expected) {
	t.Helper()
	sorted := slices.Sorted(maps.Keys(want))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("alerts, expected %d:\n%s", len(want), cmp.Diff(sorted, slices.Sorted(maps.Keys(s.hook.at("all")))))
		}
	})
	await(t, strconv.Itoa(len(want))+" alerts", func() bool {
		firing := s.hook.at("all")
		return slices.Equal(sorted, slices.Sorted(maps.Keys(firing)))
	})
	for labels, alert := range s.hook.at("all") {
		if alert.Annotations["summary"] == "" || !strings.HasPrefix(alert.Annotations["runbook_url"], runbookURL) ||
			!strings.HasPrefix(alert.Annotations["dashboard_url"], "http://localhost:3000/d/empirical-") {
			t.Errorf("%s: annotations %q", labels, alert.Annotations)
		}
	}
	for i, prometheus := range s.servers {
		var wrong string
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("texts of Prometheus %d: %s", i, wrong)
			}
		})
		await(t, "the texts of alerts", func() bool {
			wrong = prometheus.wrongText(t, want)
			return wrong == ""
		})
	}
}

// wrongText returns an alert whose description lacks what is expected, if there is one.
// Prometheus makes the descriptions anew at each evaluation. An Alertmanager has the
// one of the moment at which the alert began; on a busy machine a scrape may have
// failed just then, and a link may be missing.
func (s server) wrongText(t *testing.T, want expected) string {
	t.Helper()
	var answer struct {
		Data struct {
			Alerts []struct {
				State               string
				Labels, Annotations map[string]string
			}
		}
	}
	s.get(t, "/api/v1/alerts", &answer)
	for _, alert := range answer.Data.Alerts {
		if alert.Labels["project"] == "checkout" {
			alert.Labels["team"] = "payments" // given on the way to Alertmanager
		}
		// What is wanted ends with a word: the number of a run, for example.
		says, labels := alert.Annotations["description"], text(alert.Labels)
		if alert.State == "firing" && !strings.Contains(says+" ", strings.TrimSpace(want[labels])+" ") {
			return fmt.Sprintf("%s\nwant: %q\nsays: %q", labels, want[labels], says)
		}
	}
	return ""
}

// checkCalm checks that no alert has fired for an environment without trouble.
func (s *testBed) checkCalm(t *testing.T) {
	t.Helper()
	for _, labels := range s.hook.everFired() {
		for _, calm := range []string{"healthy", "nightly", "shortlived", "unwatched"} {
			if strings.Contains(labels, "environment="+calm) {
				t.Errorf("an alert on an environment without trouble: %s", labels)
			}
		}
	}
}
