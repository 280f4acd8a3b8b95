package collector

import (
	"github.com/prometheus/client_golang/prometheus"
)

// Metric is the declaration of one metric family.
type Metric struct {
	Name   string
	Type   string // gauge, counter or histogram
	Help   string
	Labels []string

	desc *prometheus.Desc
}

// declared are all metrics of the exporter, in the order of their declaration.
var declared []*Metric

// Metrics returns the declarations of all metrics that the collector exposes.
func Metrics() []Metric {
	all := make([]Metric, len(declared))
	for i, m := range declared {
		all[i] = *m
	}
	return all
}

func declare(kind, name, help string, labels []string) *Metric {
	m := &Metric{
		Name: name, Type: kind, Help: help, Labels: labels,
		desc: prometheus.NewDesc(name, help, labels, nil),
	}
	declared = append(declared, m)
	return m
}

func gauge(name, help string, labels ...string) *Metric {
	return declare("gauge", name, help, labels)
}

func counter(name, help string, labels ...string) *Metric {
	return declare("counter", name, help, labels)
}

func histogram(name, help string, labels ...string) *Metric {
	return declare("histogram", name, help, labels)
}

// runGauge, runCounter and runHistogram declare metrics of runs, which carry the
// labels of their group first.
func runGauge(name, help string, labels ...string) *Metric {
	return gauge(name, help, runLabels(labels)...)
}

func runCounter(name, help string, labels ...string) *Metric {
	return counter(name, help, runLabels(labels)...)
}

func runHistogram(name, help string, labels ...string) *Metric {
	return histogram(name, help, runLabels(labels)...)
}

func runLabels(more []string) []string {
	return append([]string{"project", "branch", "environment"}, more...)
}
