package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// Prometheus is a running Prometheus server, or another one that answers its API.
type Prometheus struct {
	*testproc.Process
	URL string
}

// startPrometheus starts a server on the storage of the past. A sample counts as current for a step of the past, so that
// there are no gaps between the samples of the past.
func startPrometheus(ctx context.Context, config Config, settings map[string]string) (*Prometheus, error) {
	program, err := testproc.Tool("prometheus")
	if err != nil {
		return nil, err
	}
	for name, text := range settings {
		if err := os.WriteFile(filepath.Join(config.Directory, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	process, err := testproc.Start(exec.CommandContext(ctx, program,
		"--config.file="+filepath.Join(config.Directory, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(config.Directory, dataDirectory), "--storage.tsdb.retention.time=60d",
		"--web.listen-address="+config.Address, "--query.lookback-delta="+config.Past.Step.String()))
	if err != nil {
		return nil, err
	}
	return &Prometheus{Process: process, URL: "http://" + config.Address}, nil
}

// AwaitResult waits until a query has a result, until ctx ends at most.
func (p *Prometheus) AwaitResult(ctx context.Context, expr string) error {
	var last error
	err := p.Await(ctx, "a result of "+expr, func() bool {
		var answer []Series
		answer, last = p.Ask(ctx, expr)
		return last == nil && len(answer) > 0
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

// Series is one series of an answer.
type Series struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

// Ask runs an instant query.
func (p *Prometheus) Ask(ctx context.Context, expr string) ([]Series, error) {
	return p.query(ctx, "query", url.Values{"query": {expr}})
}

// AskRange runs a query over a range.
func (p *Prometheus) AskRange(ctx context.Context, expr string, from, to time.Time, step time.Duration) ([]Series, error) {
	return p.query(ctx, "query_range", url.Values{
		"query": {expr}, "start": {from.Format(time.RFC3339Nano)}, "end": {to.Format(time.RFC3339Nano)}, "step": {step.String()},
	})
}

// LabelValues returns the values that a label has in the series of a selector.
func (p *Prometheus) LabelValues(ctx context.Context, selector, label string) ([]string, error) {
	var values []string
	err := p.get(ctx, "label/"+label+"/values", url.Values{"match[]": {selector}}, &values)
	return values, err
}

func (p *Prometheus) query(ctx context.Context, endpoint string, parameters url.Values) ([]Series, error) {
	var answer struct{ Result []Series }
	err := p.get(ctx, endpoint, parameters, &answer)
	return answer.Result, err
}

func (p *Prometheus) get(ctx context.Context, endpoint string, parameters url.Values, data any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/api/v1/"+endpoint+"?"+parameters.Encode(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer := struct {
		Status   string
		Error    string
		Warnings []string
		Data     any
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("Prometheus answered %s and no JSON: %w", response.Status, err)
	}
	if answer.Status != "success" {
		return errors.New(answer.Error)
	}
	if len(answer.Warnings) > 0 {
		return fmt.Errorf("Prometheus warns: %v", answer.Warnings)
	}
	return nil
}
