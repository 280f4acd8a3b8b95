package prometheus_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

func TestVictoriaMetrics_Lint(t *testing.T) {
	run(t, testproc.MustTool(t, "vmagent"), "-dryRun", "-promscrape.config=victoria/vmagent.yml", "-remoteWrite.url=http://localhost:8428/api/v1/write")
	run(t, testproc.MustTool(t, "vmalert"), "-dryRun", "-rule=rules/*.yml", "-rule=examples/*.yml")
}

// TestVictoriaMetrics checks that the same alerts arrive as in TestEndToEnd where
// vmagent scrapes, VictoriaMetrics stores and vmalert evaluates. A Prometheus scrapes
// the exporter of the project mobile, and sends by remote write.
func TestVictoriaMetrics(t *testing.T) {
	s := newTestBed(t)
	s.startAlertmanagers(t)
	s.startExporters(t)
	s.startVictoriaMetrics(t)
	s.breakKeys(t)
	s.breakRuns()
	s.awaitAlerts(t, inTrouble(s.world))
	s.checkRouting(t)

	for _, exporter := range s.exporters {
		exporter.Stop()
	}
	s.awaitLoss(t)
	s.checkCalm(t)
}

// awaitLoss waits until the lost sight is told, and checks that what fired before goes
// on, where it is of a branch.
func (s *testBed) awaitLoss(t *testing.T) {
	t.Helper()
	for labels := range withoutExporters(s.addresses) {
		await(t, labels, func() bool { return s.hook.at("all")[labels].Status == "firing" })
	}
	for labels := range inTrouble(s.world) {
		if strings.Contains(labels, "branch=") && s.hook.at("all")[labels].Status != "firing" {
			t.Errorf("%s has ended", labels)
		}
	}
}

// startVictoriaMetrics starts the servers with the example configurations and
// shortened rules. A second stands for a minute: vmalert is as late as in production.
func (s *testBed) startVictoriaMetrics(t *testing.T) {
	t.Helper()
	dir, storage := t.TempDir(), testproc.MustFreeAddress(t)
	startVictoria(t, "victoria-metrics", storage, "-storageDataPath="+filepath.Join(dir, "storage"), "-search.latencyOffset=0s")
	url := "http://" + storage
	flushOften(t, url)

	targets := "[" + s.addresses.first + ", " + s.addresses.second + "]"
	write(t, filepath.Join(dir, "vmagent.yml"), replace(t, read(t, "victoria/vmagent.yml"),
		"scrape_interval: 1m", "scrape_interval: 1s", "scrape_timeout: 30s", "scrape_timeout: 1s", "[localhost:10071]", targets))
	startVictoria(t, "vmagent", testproc.MustFreeAddress(t), "-promscrape.config="+filepath.Join(dir, "vmagent.yml"),
		"-remoteWrite.url="+url+"/api/v1/write", "-remoteWrite.tmpDataPath="+filepath.Join(dir, "queue"), "-remoteWrite.flushInterval=100ms")

	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(`global: {scrape_interval: 1s}
scrape_configs: [{job_name: empirical_exporter, static_configs: [{targets: [%s]}]}]
remote_write: [{url: %s/api/v1/write, queue_config: {batch_send_deadline: 100ms}}]
`, s.addresses.mobile, url))
	prometheus := testproc.MustFreeAddress(t)
	start(t, prometheus, testproc.MustTool(t, "prometheus"), "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "prometheus"), "--web.listen-address="+prometheus)

	write(t, filepath.Join(dir, "notifier.yml"), replace(t, read(t, "victoria/notifier.yml"),
		"[localhost:9093]", "["+string(s.alerting[0])+", "+string(s.alerting[1])+"]"))
	startVictoria(t, "vmalert", testproc.MustFreeAddress(t), "-rule="+shortRules(t, 60, "4"),
		"-datasource.url="+url, "-remoteRead.url="+url, "-remoteWrite.url="+url, "-notifier.config="+filepath.Join(dir, "notifier.yml"),
		"-external.url=http://localhost:8880", "-disableAlertgroupLabel",
		"-evaluationInterval=1s", "-rule.evalDelay=1s", "-group.maxStartDelay=1s", "-remoteWrite.flushInterval=100ms")
	s.servers = []server{server(storage)}
}

// startVictoria starts a program of VictoriaMetrics, and waits until it answers.
func startVictoria(t *testing.T, name, address string, arguments ...string) {
	t.Helper()
	p := testproc.MustStart(t, exec.Command(testproc.MustTool(t, name), append(arguments, "-httpListenAddr="+address)...))
	if err := p.AwaitURL(t.Context(), "http://"+address+"/health"); err != nil {
		t.Fatal(err)
	}
}

// flushOften makes what is written visible at once. VictoriaMetrics takes seconds to
// do so by itself, which here are minutes.
func flushOften(t *testing.T, url string) {
	t.Helper()
	ticker, done := time.NewTicker(200*time.Millisecond), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
				if response, err := http.Get(url + "/internal/force_flush"); err == nil {
					_ = response.Body.Close()
				}
			}
		}
	}()
	t.Cleanup(func() {
		ticker.Stop()
		<-done
	})
}
