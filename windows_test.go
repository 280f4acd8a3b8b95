package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

func TestWindows(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		args    []string
		want    []collector.Window
		dropped []string
	}{
		"defaults":              {nil, []collector.Window{{Name: "1d", Length: day}, {Name: "7d", Length: 7 * day}}, nil},
		"default over lookback": {[]string{"--runs.lookback=3d"}, []collector.Window{{Name: "1d", Length: day}}, []string{"7d"}},
		"no default fits":       {[]string{"--runs.lookback=6h"}, nil, []string{"1d", "7d"}},
		"as long as lookback":   {[]string{"--runs.lookback=7d"}, []collector.Window{{Name: "1d", Length: day}, {Name: "7d", Length: 7 * day}}, nil},
		"named":                 {[]string{"--runs.window=24h", "--runs.window=90m"}, []collector.Window{{Name: "24h", Length: day}, {Name: "90m", Length: 90 * time.Minute}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := parseFlags(test.args)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.check(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, f.windows); diff != "" {
				t.Errorf("windows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.dropped, f.dropped); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
		})
	}
}
