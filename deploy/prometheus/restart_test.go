package prometheus_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// slowUp is how many times faster than in production TestRestart runs. A restart takes
// as long as it takes, so it is slower than in the other tests.
const slowUp = 60

// worse is a project of which five of the day's nine runs failed. Its parameters are when
// the newest was created, and how many runs failed in a week.
const worse = `empirical_up{key="checkout"} 1
empirical_project_info{key="checkout",project="checkout",name="Shop",repo_name="shop/tests"} 1
empirical_runs{project="checkout",branch="main",environment="production",state="ended"} 9
empirical_failing_streak_runs{project="checkout",branch="main",environment="production"} 0
empirical_last_completed_run_created_timestamp_seconds{project="checkout",branch="main",environment="production"} %d
empirical_recent_runs{project="checkout",branch="main",environment="production",window="1d",outcome="passed"} 4
empirical_recent_runs{project="checkout",branch="main",environment="production",window="1d",outcome="failed"} 5
empirical_recent_runs{project="checkout",branch="main",environment="production",window="7d",outcome="passed"} 104
empirical_recent_runs{project="checkout",branch="main",environment="production",window="7d",outcome="failed"} %d
`

// TestRestart checks that an alert that holds, and would not begin again, goes on when
// Prometheus has been away for longer than it looks back. There are several servers,
// because each evaluates the groups in an order of its own.
func TestRestart(t *testing.T) {
	var failedBefore atomic.Int64
	created := time.Now().Unix()
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, fmt.Sprintf(worse, created, 5+failedBefore.Load()))
	}))
	t.Cleanup(exporter.Close)
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%%s]
scrape_configs: [{job_name: empirical_exporter, static_configs: [{targets: [%s]}]}]
`, exporter.Listener.Addr())
	const (
		active = `empirical:alert:active{alert="EmpiricalRunFailureRatioHigh",project="checkout"} == 1`
		begins = `empirical:alert:now{alert="EmpiricalRunFailureRatioHigh",threshold="run_failure_rise"} > 5`
	)

	type instance struct {
		server
		arguments []string
		process   *testproc.Process
	}
	var servers []*instance
	for range 3 {
		dir, address := t.TempDir(), testproc.MustFreeAddress(t)
		write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(config, shortRules(t, slowUp, "4")))
		s := &instance{server: server(address), arguments: []string{
			"--config.file=" + filepath.Join(dir, "prometheus.yml"),
			"--storage.tsdb.path=" + dir, "--web.listen-address=" + address, "--query.lookback-delta=5s",
		}}
		s.process = start(t, address, testproc.MustTool(t, "prometheus"), s.arguments...)
		servers = append(servers, s)
	}
	all := func(expr string, want bool) func() bool {
		return func() bool {
			for _, s := range servers {
				if s.holds(t, expr) != want {
					return false
				}
			}
			return true
		}
	}
	await(t, "the alert", all(active, true))
	failedBefore.Store(30)
	await(t, "the alert not to begin any more", all(begins, false))

	for _, s := range servers {
		s.process.Stop()
	}
	stopped := time.Now()
	await(t, "what was recorded to be out of sight", func() bool { return time.Since(stopped) > 7*time.Second })
	for _, s := range servers {
		s.process = start(t, string(s.server), testproc.MustTool(t, "prometheus"), s.arguments...)
	}
	await(t, "evaluations to go on as usual", all(`time() - empirical:states:resumed_timestamp_seconds > 15`, true))
	if !all(active, true)() {
		for _, s := range servers {
			t.Errorf("the alert has ended: %v", s.query(t, `empirical:alert:active{alert="EmpiricalRunFailureRatioHigh"}[2m]`))
		}
	}
}
