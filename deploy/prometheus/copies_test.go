package prometheus_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// failing is a project with a failing streak, as the exporter shows it.
const failing = `empirical_up{key="checkout"} 1
empirical_project_info{key="checkout",project="checkout",name="Shop",repo_name="shop/tests"} 1
empirical_runs{project="checkout",branch="main",environment="production",state="ended"} 9
empirical_failing_streak_runs{project="checkout",branch="main",environment="production"} 5
empirical_recent_runs{project="checkout",branch="main",environment="production",window="1d",outcome="passed"} 9
empirical_recent_runs{project="checkout",branch="main",environment="production",window="7d",outcome="passed"} 9
`

// TestTwoCopies checks that a Prometheus with two copies of the rules says so, and has
// the alerts that it has with one. There are two servers, because now and then the
// evaluations of the copies are whole parts of the interval away from each other,
// as those of one copy are that are left out.
func TestTwoCopies(t *testing.T) {
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, failing)
	}))
	t.Cleanup(exporter.Close)
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%%s, %%s]
scrape_configs: [{job_name: empirical_exporter, static_configs: [{targets: [%s]}]}]
`, exporter.Listener.Addr())

	var servers []server
	for range 2 {
		dir, address := t.TempDir(), testproc.MustFreeAddress(t)
		write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(config, shortRules(t, speedUp, "3"), shortRules(t, speedUp, "3")))
		start(t, address, testproc.MustTool(t, "prometheus"), "--config.file="+filepath.Join(dir, "prometheus.yml"),
			"--storage.tsdb.path="+dir, "--web.listen-address="+address)
		servers = append(servers, server(address))
	}
	for _, prometheus := range servers {
		await(t, "the alert that fires with one copy", func() bool {
			return prometheus.holds(t, `ALERTS{alertname="EmpiricalFailingStreak",alertstate="firing",project="checkout",branch="main"}`)
		})
	}
	await(t, "the copies to be seen", func() bool {
		return slices.ContainsFunc(servers, func(prometheus server) bool {
			return prometheus.holds(t, `ALERTS{alertname="EmpiricalRulesInconsistent",alertstate="firing",reason="two_copies"}`)
		})
	})
	for _, prometheus := range servers {
		if prometheus.holds(t, `ALERTS{alertname!~"Empirical(FailingStreak|RulesInconsistent)",alertstate="firing"}`) {
			t.Errorf("other alerts fire: %v", prometheus.query(t, `ALERTS{alertstate="firing"}`))
		}
	}
}
