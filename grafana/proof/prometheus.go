package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Prometheus is a running Prometheus server.
type Prometheus struct {
	*Process
	URL string
}

// startPrometheus runs a server, on the storage in its place, that scrapes one target every interval. Series of the past
// are at step from each other, and count as current that long.
func startPrometheus(ctx context.Context, place Place, target string, interval, step time.Duration) (*Prometheus, error) {
	prometheus, err := binary(place.Root, "prometheus")
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`
global:
  scrape_interval: %[1]s
  scrape_timeout: %[1]s
scrape_configs:
  - job_name: %[4]s
    static_configs:
      - targets: [%[2]q]
        labels: {instance: %[3]q}
`, interval, target, instance, job)
	file := filepath.Join(place.Directory, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	process, err := start(ctx, prometheus, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(place.Directory, "data"),
		"--storage.tsdb.retention.time=60d", "--web.listen-address="+place.Address, "--query.lookback-delta="+step.String())
	if err != nil {
		return nil, err
	}
	return &Prometheus{Process: process, URL: "http://" + place.Address}, nil
}

// Await asks until the condition holds, and gives up at the deadline of ctx.
func (p *Prometheus) Await(ctx context.Context, expr string) error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		answer, err := p.Ask(ctx, expr)
		if err == nil && len(answer) > 0 {
			return nil
		}
		select {
		case <-again.C:
		case <-p.ended:
			return fmt.Errorf("Prometheus ended while it was awaited that %s:\n%s", expr, p.Log())
		case <-ctx.Done():
			return fmt.Errorf("Prometheus never saw that %s: %w", expr, errors.Join(ctx.Err(), err))
		}
	}
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

// LabelValues are the values that a label has in the series of a selector.
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

// FreeAddress is an address on loopback that nothing listens on.
func FreeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
