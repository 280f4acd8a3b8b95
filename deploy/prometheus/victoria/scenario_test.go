package victoria

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/decimal"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v2"
)

// file is a file of promtool's tests.
type file struct {
	RuleFiles []string       `yaml:"rule_files"`
	Interval  model.Duration `yaml:"evaluation_interval"`
	Order     []string       `yaml:"group_eval_order"`
	Tests     []scenario
}

// scenario is one of its tests.
type scenario struct {
	Name     string
	Start    time.Time      `yaml:"start_timestamp"`
	Interval model.Duration // between two values of a series
	Input    []struct {
		Series, Values string
	} `yaml:"input_series"`
	Alerts  []alertCheck `yaml:"alert_rule_test"`
	Queries []struct {
		At       model.Duration `yaml:"eval_time"`
		Expr     string
		Expected []struct {
			Labels string
			Value  float64
		} `yaml:"exp_samples"`
	} `yaml:"promql_expr_test"`
}

// alertCheck has the alerts of a name that fire at a time.
type alertCheck struct {
	At       model.Duration `yaml:"eval_time"`
	Alert    string         `yaml:"alertname"`
	Expected []struct {
		Labels map[string]string `yaml:"exp_labels"`
	} `yaml:"exp_alerts"`
}

func readFile(path string) (*file, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &file{Interval: model.Duration(time.Minute)}
	return f, yaml.UnmarshalStrict(content, f)
}

// series returns the input of a scenario with the times at which it comes.
func (s *scenario) series() ([]prompb.TimeSeries, error) {
	var all []prompb.TimeSeries
	for _, input := range s.Input {
		name, err := parseLabels(input.Series)
		if err != nil {
			return nil, err
		}
		values, err := parseValues(input.Values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", input.Series, err)
		}
		one := prompb.TimeSeries{Labels: name}
		for i, value := range values {
			if value != nil {
				at := s.Start.Add(time.Duration(i) * time.Duration(s.Interval))
				one.Samples = append(one.Samples, prompb.Sample{Timestamp: at.UnixMilli(), Value: *value})
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// end returns the last time at which something is expected.
func (s *scenario) end() time.Duration {
	var last model.Duration
	for _, check := range s.Alerts {
		last = max(last, check.At)
	}
	for _, check := range s.Queries {
		last = max(last, check.At)
	}
	return time.Duration(last)
}

// parseLabels returns the name and the labels of a series.
func parseLabels(text string) ([]prompb.Label, error) {
	parsed, err := metricsql.Parse(text)
	if err != nil {
		return nil, err
	}
	selector, is := parsed.(*metricsql.MetricExpr)
	if !is || len(selector.LabelFilterss) != 1 {
		return nil, fmt.Errorf("%s is no series", text)
	}
	var all []prompb.Label
	for _, filter := range selector.LabelFilterss[0] {
		all = append(all, prompb.Label{Name: filter.Label, Value: filter.Value})
	}
	return all, nil
}

func byName(labels []prompb.Label) map[string]string {
	all := map[string]string{}
	for _, label := range labels {
		all[label.Name] = label.Value
	}
	return all
}

// text returns labels as one text, sorted by name.
func text(labels map[string]string) string { return fmt.Sprint(labels) }

// notation is how promtool writes values: one, or one that comes again so many times,
// a step higher or lower each time. "_" is no value.
var notation = regexp.MustCompile(`^(_|stale|[-+]?[0-9.eE]+?)(?:([-+][0-9.]+)?x([0-9]+))?$`)

// parseValues returns the values of a series, nil where there is none.
func parseValues(text string) ([]*float64, error) {
	var all []*float64
	for _, item := range strings.Fields(text) {
		parts := notation.FindStringSubmatch(item)
		if parts == nil {
			return nil, fmt.Errorf("the value %q", item)
		}
		times := 0
		if parts[3] != "" {
			times, _ = strconv.Atoi(parts[3])
		}
		switch parts[1] {
		case "_":
			all = append(all, make([]*float64, max(times, 1))...)
			continue
		case "stale":
			all = append(all, new(decimal.StaleNaN))
			continue
		}
		value, err := strconv.ParseFloat(parts[1], 64)
		if err != nil {
			return nil, err
		}
		step, _ := strconv.ParseFloat(parts[2], 64)
		for i := range times + 1 {
			all = append(all, new(value+float64(i)*step))
		}
	}
	return all, nil
}
