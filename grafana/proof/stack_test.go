package proof

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// watched is the week that the dashboards look back, and a day before it.
const watched = 8 * day

// TestQueries_FindData asks a real Prometheus, and a real VictoriaMetrics, all that the dashboards ask. They have watched
// projects through the exporter.
func TestQueries_FindData(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(cancel) // after the processes, which end with the context, have been stopped
	stack := startStack(ctx, t)
	for name, server := range stack.servers() {
		t.Run(name, func(t *testing.T) { findData(ctx, t, server) })
	}
	t.Run("labels", func(t *testing.T) { findLabels(ctx, t, stack.Prometheus) })
}

func (s *Stack) servers() map[string]*Prometheus {
	return map[string]*Prometheus{"Prometheus": s.Prometheus, "VictoriaMetrics": s.VictoriaMetrics}
}

func findData(ctx context.Context, t *testing.T, server *Prometheus) {
	t.Helper()
	for _, d := range everyDashboard(t) {
		for name, choice := range choices(ctx, t, server, d) {
			for _, window := range []string{"1d", "7d"} {
				choice["window"] = window
				t.Run(d.File+", "+name+", "+window, func(t *testing.T) { askAll(ctx, t, server, d, choice) })
			}
		}
	}
	t.Run("foreign target", func(t *testing.T) { countOwnTargets(ctx, t, server) })
	t.Run("no deploys", func(t *testing.T) { findNoDeploys(ctx, t, server) })
}

// startStack starts everything and waits until Prometheus has scraped what the queries ask for: rates need two scrapes.
func startStack(ctx context.Context, t *testing.T) *Stack {
	t.Helper()
	now := time.Now()
	stack, err := Start(ctx, Config{
		Directory: t.TempDir(), Address: testproc.MustFreeAddress(t),
		Past: Past{From: now.Add(-watched), To: now, Step: 4 * time.Hour}, Interval: 3 * time.Second, Projects: 2, VictoriaMetrics: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stack.Stop(); err != nil {
			t.Error(err)
		}
	})
	keepBusy(stack.API)
	finishRuns(ctx, t, stack)
	for _, seen := range []string{
		`count_over_time(process_cpu_seconds_total[1m]) >= 3`,
		`count_over_time(promhttp_metric_handler_requests_total[1m]) >= 3`,
		`count(empirical_up == 1) == ` + strconv.Itoa(len(stack.API.Keys)),
		`count(empirical_exporter_api_info{duration_unit="seconds",run_state="item",run_started="yes"}) == count(empirical_up)`,
		`count(ALERTS{alertstate="firing",severity="critical",project!=""}) and count(ALERTS{alertstate="firing",severity="warning"})`,
		`empirical_last_completed_run_success{branch="spike",environment=""} and on () empirical_test_case_runs`,
		`empirical_oldest_active_run_info{branch="main",environment="staging",state="started",project="checkout"}`,
	} {
		for _, server := range stack.servers() {
			if err := server.AwaitResult(ctx, seen); err != nil {
				t.Fatal(err)
			}
		}
	}
	return stack
}

// keepBusy makes sure that something runs and waits, whatever the hour. At night the projects have no runs.
func keepBusy(api *FakeAPI) {
	for _, project := range api.Projects {
		for _, state := range []string{"started", "queued"} {
			for _, branch := range []*string{&main, &spike} {
				project.Add(apitest.Run{State: state, Branch: branch, EnvironmentSlug: &staging})
			}
		}
	}
}

var main, spike, staging = "main", "spike", "staging"

// finishRuns adds a run that failed and one that ended with an error, so that there is one of each to mark on a graph.
func finishRuns(ctx context.Context, t *testing.T, stack *Stack) {
	t.Helper()
	failures, passes, seconds := int64(3), int64(9), int64(30)
	for _, run := range []apitest.Run{
		{State: "ended", SuccessCount: &passes, Duration: &seconds, Branch: &spike, EnvironmentSlug: &staging, StartedAt: time.Now()},
		{State: "ended", SuccessCount: &passes, Duration: &seconds, Branch: &spike}, // in no environment
	} {
		stack.API.Projects[0].Add(run)
	}
	for _, run := range []apitest.Run{
		{State: "ended", FailedCount: &failures, Duration: &seconds, Branch: &main, EnvironmentSlug: &staging, StartedAt: time.Now()},
		{State: "error", Duration: &seconds, Branch: &main, EnvironmentSlug: &staging, StartedAt: time.Now()},
	} {
		outcome := map[string]string{"ended": "failed", "error": "error"}[run.State]
		stack.API.Projects[0].Add(run)
		seen := `empirical_last_completed_run_info{project="checkout",environment="staging",branch="main",outcome="` + outcome + `"}`
		if err := stack.Prometheus.AwaitResult(ctx, seen); err != nil {
			t.Fatal(err)
		}
	}
}

// choices are what a reader may choose in a dashboard's variables: all, and one of each. They are looked up as Grafana
// looks them up, so a variable that finds nothing fails here.
func choices(ctx context.Context, t *testing.T, p *Prometheus, d Dashboard) map[string]map[string]string {
	t.Helper()
	lookups, err := d.Lookups()
	if err != nil {
		t.Fatal(err)
	}
	every, err := d.Written()
	if err != nil {
		t.Fatal(err)
	}
	if _, there := every["deploys"]; there {
		every["deploys"] = "process_start_time_seconds"
	}
	every["__range"] = "7d"
	one := maps.Clone(every)
	for _, lookup := range lookups {
		name := lookup.Variable.Name
		every[name] = preferred(lookUp(ctx, t, p, lookup, every))
		if values := lookUp(ctx, t, p, lookup, one); lookup.Variable.IncludeAll {
			every[name] = lookup.Variable.All(values)
			one[name] = preferred(values)
		} else {
			one[name] = preferred(values)
		}
	}
	return map[string]map[string]string{"all": every, "one of each": one}
}

func lookUp(ctx context.Context, t *testing.T, p *Prometheus, lookup Lookup, known map[string]string) []string {
	t.Helper()
	expr, err := Fill(lookup.Expr, known)
	if err != nil {
		t.Fatalf("%s: %v", lookup.Where, err)
	}
	var values []string
	if lookup.OfResult {
		var answer []Series
		answer, err = p.Ask(ctx, expr)
		for _, series := range answer {
			values = append(values, series.Metric[lookup.Label])
		}
	} else {
		values, err = p.LabelValues(ctx, expr, lookup.Label)
	}
	if err != nil || len(values) == 0 {
		t.Fatalf("%s finds %v (%v): %s", lookup.Where, values, err, expr)
	}
	return values
}

// preferred is a value that is sure to have data of every kind: a pull request's branch may be new.
func preferred(values []string) string {
	for _, value := range []string{"checkout", "shop", staging, "(" + staging + ")", spike} {
		if slices.Contains(values, value) {
			return value
		}
	}
	return values[0]
}

func askAll(ctx context.Context, t *testing.T, p *Prometheus, d Dashboard, choice map[string]string) {
	t.Helper()
	values := maps.Clone(choice)
	maps.Copy(values, map[string]string{"__interval": "12h", "__rate_interval": "12h"})
	now := time.Now()
	for _, query := range d.Queries() {
		expr, err := Fill(query.Expr, values)
		if err != nil {
			t.Errorf("%s: %v", query.Where, err)
			continue
		}
		var answer []Series
		switch {
		case query.Instant:
			answer, err = p.Ask(ctx, expr)
		case query.Annotation: // what finishRuns did
			answer, err = p.AskRange(ctx, expr, now.Add(-3*time.Minute), now, time.Second)
		default:
			answer, err = p.AskRange(ctx, expr, now.Add(-7*day), now, 6*time.Hour)
		}
		switch {
		case err != nil:
			t.Errorf("%s: %v\n%s", query.Where, err, expr)
		case !anyNumber(answer):
			t.Errorf("%s finds nothing:\n%s", query.Where, expr)
		}
	}
}

// anyNumber reports whether an answer has a value to draw.
func anyNumber(answer []Series) bool {
	for _, series := range answer {
		samples := series.Values
		if series.Value[1] != nil {
			samples = append(samples, series.Value)
		}
		for _, sample := range samples {
			text, _ := sample[1].(string)
			if number, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(number) {
				return true
			}
		}
	}
	return false
}

// countOwnTargets makes sure that the dead target of another team is seen by Prometheus and counted by no panel.
func countOwnTargets(ctx context.Context, t *testing.T, p *Prometheus) {
	t.Helper()
	if err := p.AwaitResult(ctx, `up{job="`+otherJob+`"} == 0`); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, d := range everyDashboard(t) {
		for name, choice := range choices(ctx, t, p, d) {
			maps.Copy(choice, map[string]string{"window": "1d", "__interval": "12h", "__rate_interval": "12h"})
			for _, query := range d.Queries() {
				if _, counts := selected(t, query.Expr)["up"]; !counts {
					continue
				}
				asked++
				expr, err := Fill(query.Expr, choice)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := p.Ask(ctx, expr)
				if err != nil || len(answer) != 1 || answer[0].Value[1] != "0" {
					t.Errorf("%s with %s: %v (%v), want 0: the exporter is up\n%s", query.Where, name, answer, err, expr)
				}
			}
		}
	}
	if asked == 0 {
		t.Error("no query asks for up")
	}
}

// findNoDeploys makes sure that the annotation of deploys is a query that works and finds nothing, until a reader gives
// one of his own.
func findNoDeploys(ctx context.Context, t *testing.T, p *Prometheus) {
	t.Helper()
	for _, d := range everyDashboard(t) {
		written, err := d.Written()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range d.Annotations.List {
			if a.Name != "Deploys" {
				continue
			}
			expr, err := Fill(a.Target.Expr, written)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := p.Ask(ctx, expr); err != nil || len(answer) > 0 {
				t.Errorf("%s: %s finds %v (%v), want nothing", d.File, expr, answer, err)
			}
		}
	}
}

// findLabels makes sure that the exporter does export, and does not only declare, each label that a query matches by.
func findLabels(ctx context.Context, t *testing.T, p *Prometheus) {
	t.Helper()
	asked := map[string]string{}
	for _, d := range everyDashboard(t) {
		for _, query := range d.Queries() {
			for name, labels := range selected(t, query.Expr) {
				for _, label := range labels {
					asked["last_over_time("+name+"{"+label+`!=""}[1d])`] = query.Where
				}
			}
		}
	}
	// Native histograms are not scraped here: what is asked of them is asked of the classic ones as well.
	native := "last_over_time(empirical_run_duration_seconds{"
	for expr, where := range asked {
		answer, err := p.Ask(ctx, "count("+expr+")")
		if err != nil || len(answer) == 0 {
			if !strings.HasPrefix(expr, native) {
				t.Errorf("%s: nothing has %s (%v)", where, expr, err)
			}
		}
	}
}
