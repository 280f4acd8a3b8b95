package proof

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// watched is the week that the dashboards look back, and a day before it.
const watched = 8 * day

// TestQueries_FindData asks a real Prometheus all that the dashboards ask. It has watched two projects through the
// exporter.
func TestQueries_FindData(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel) // after the processes, which end with the context, have been stopped
	stack := startStack(ctx, t)
	for _, d := range everyDashboard(t) {
		for name, choice := range choices(ctx, t, stack.Prometheus, d) {
			for _, window := range []string{"1d", "7d"} {
				choice["window"] = window
				t.Run(d.File+", "+name+", "+window, func(t *testing.T) { askAll(ctx, t, stack.Prometheus, d, choice) })
			}
		}
	}
	t.Run("labels", func(t *testing.T) { findLabels(ctx, t, stack.Prometheus) })
}

// startStack starts everything and waits until Prometheus has scraped what the queries ask for: rates need two scrapes.
func startStack(ctx context.Context, t *testing.T) *Stack {
	t.Helper()
	now := time.Now()
	stack, err := Start(ctx, Config{
		Directory: t.TempDir(), Address: testproc.MustFreeAddress(t),
		Past: Past{From: now.Add(-watched), To: now, Step: 3 * time.Hour}, Interval: time.Second,
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
		`empirical_oldest_active_run_info{branch="main",environment="staging",state="started",project="checkout"}`,
	} {
		if err := stack.Prometheus.AwaitResult(ctx, seen); err != nil {
			t.Fatal(err)
		}
	}
	return stack
}

// keepBusy makes sure that something runs and waits, whatever the hour. At night the projects have no runs.
func keepBusy(api *FakeAPI) {
	for _, project := range api.Projects {
		for _, state := range []string{"started", "queued"} {
			project.Add(apitest.Run{State: state, Branch: &main, EnvironmentSlug: &staging})
		}
	}
}

var main, staging = "main", "staging"

// finishRuns adds a run that failed and one that ended with an error, so that there is one of each to mark on a graph.
func finishRuns(ctx context.Context, t *testing.T, stack *Stack) {
	t.Helper()
	failures, seconds := int64(3), int64(30)
	for _, run := range []apitest.Run{
		{State: "ended", FailedCount: &failures, Duration: &seconds, Branch: &main, EnvironmentSlug: &staging},
		{State: "error", Duration: &seconds, Branch: &main, EnvironmentSlug: &staging},
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
	multi := map[string]bool{}
	for _, v := range d.Templating.List {
		multi[v.Name] = v.Multi
	}
	every, one := map[string]string{}, map[string]string{}
	for _, lookup := range lookups {
		for _, choice := range []map[string]string{every, one} {
			values := lookUp(ctx, t, p, lookup, choice)
			choice[lookup.Variable] = preferred(values)
		}
		if multi[lookup.Variable] {
			every[lookup.Variable] = ".*"
		}
	}
	return map[string]map[string]string{"all": every, "one of each": one}
}

func lookUp(ctx context.Context, t *testing.T, p *Prometheus, lookup Lookup, known map[string]string) []string {
	t.Helper()
	selector, err := Fill(lookup.Selector, known)
	if err != nil {
		t.Fatalf("%s: %v", lookup.Where, err)
	}
	values, err := p.LabelValues(ctx, selector, lookup.Label)
	if err != nil || len(values) == 0 {
		t.Fatalf("%s finds %v (%v): %s", lookup.Where, values, err, selector)
	}
	return values
}

// preferred is a value that is sure to have data of every kind: a pull request's branch may be new.
func preferred(values []string) string {
	for _, value := range []string{"checkout", staging, main} {
		if slices.Contains(values, value) {
			return value
		}
	}
	return values[0]
}

func askAll(ctx context.Context, t *testing.T, p *Prometheus, d Dashboard, choice map[string]string) {
	t.Helper()
	values := maps.Clone(choice)
	maps.Copy(values, map[string]string{"__range": "7d", "__interval": "12h", "__rate_interval": "12h"})
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
	for expr, where := range asked {
		answer, err := p.Ask(ctx, "count("+expr+")")
		if err != nil || len(answer) == 0 {
			if _, native := nativeOnly[expr]; !native {
				t.Errorf("%s: nothing has %s (%v)", where, expr, err)
			}
		}
	}
}

var nativeOnly = map[string]bool{
	`last_over_time(empirical_run_duration_seconds{project!=""}[1d])`:     true,
	`last_over_time(empirical_run_duration_seconds{environment!=""}[1d])`: true,
	`last_over_time(empirical_run_duration_seconds{branch!=""}[1d])`:      true,
}
