package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/backfill"
)

// Backfill has the values of the flags of the command backfill.
type Backfill struct {
	plan   backfill.Plan
	labels []string
}

// AddBackfillFlags adds the flags of the command backfill to it. The Backfill has
// their values once the application has parsed its arguments.
func AddBackfillFlags(command *kingpin.CmdClause) *Backfill {
	b := &Backfill{}
	set(command.Flag("since", "How long before now the past begins.").Required().PlaceHolder("90d"), &b.plan.Since, pastDuration)
	set(command.Flag("until", "How long before now the past ends. A Prometheus server forgets younger samples of its own where it gets blocks that are younger than 3h. Other storages take 0s.").
		Default("3h"), &b.plan.Until, duration)
	set(command.Flag("step", "From one moment to the next, in whole seconds; moments are multiples of it. Graphs have gaps where it is longer than 5m.").
		Default("5m"), &b.plan.Step, step)
	set(command.Flag("output", "What is written: a file, compressed with gzip where its name ends with .gz; a directory with a file for each two hours where it ends with a slash, which promtool loads far faster; or - for the standard output.").
		Required().PlaceHolder("FILE"), &b.plan.Output, outputName)
	command.Flag("label", "Label for all series, such as those of the scrape target: job and instance. Repeatable.").
		PlaceHolder("NAME=VALUE").StringsVar(&b.labels)
	return b
}

// Plan checks the flags together. The keys are those whose past is written.
func (b *Backfill) Plan(keys []collector.Key) (backfill.Plan, error) {
	if b.plan.Since < b.plan.Until+b.plan.Step {
		return b.plan, fmt.Errorf("--since (%s) must be longer than --until (%s) by at least a --step (%s)",
			model.Duration(b.plan.Since), model.Duration(b.plan.Until), model.Duration(b.plan.Step))
	}
	taken := ownLabels(keys)
	b.plan.Labels = nil
	for _, text := range b.labels {
		name, value, err := splitLabel(text)
		switch {
		case err != nil:
		case slices.ContainsFunc(b.plan.Labels, func(l backfill.Label) bool { return l.Name == name }):
			err = errors.New("the label is given twice; give it once")
		case taken[name]:
			err = errors.New("metrics have a label of that name already; give it another name")
		}
		if err != nil {
			return b.plan, &ValueError{"label", text, err}
		}
		b.plan.Labels = append(b.plan.Labels, backfill.Label{Name: name, Value: value})
	}
	return b.plan, nil
}

// ownLabels are the names of all labels that the gauges of runs of some keys have.
func ownLabels(keys []collector.Key) map[string]bool {
	names := map[string]bool{}
	for _, m := range collector.Metrics() {
		if m.Type != "gauge" || !slices.Contains(m.Labels, "branch") {
			continue
		}
		for _, name := range m.Labels {
			names[name] = true
		}
	}
	names["team"] = slices.ContainsFunc(keys, func(k collector.Key) bool { return k.Settings.Team != "" })
	return names
}

// labelName is what PromQL takes without quotes. Names that begin with two
// underscores are Prometheus' own.
var labelName = regexp.MustCompile(`^([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*$`)

func splitLabel(text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, "=")
	switch {
	case !ok || value == "":
		return "", "", errors.New("write it as NAME=VALUE")
	case !labelName.MatchString(name):
		return "", "", errors.New("the name must be letters, digits and underscores, not begin with a digit, and not with two underscores")
	case !utf8.ValidString(value):
		return "", "", errors.New("the value must be UTF-8")
	}
	return name, value, nil
}

// longestPast is how long before now a past may begin.
const longestPast = 10 * 365 * 24 * time.Hour

func pastDuration(text string) (time.Duration, error) {
	d, err := positiveDuration(text)
	if err == nil && d > longestPast {
		err = fmt.Errorf("must be %s or shorter", model.Duration(longestPast))
	}
	return d, err
}

func step(text string) (time.Duration, error) {
	d, err := duration(text)
	if err == nil && (d < time.Second || d%time.Second != 0) {
		err = errors.New("must be whole seconds, 1s or more; write a duration such as 5m")
	}
	return d, err
}

func outputName(text string) (string, error) {
	if text == "" {
		return "", errors.New("write the name of a file, such as past.om")
	}
	return text, nil
}
