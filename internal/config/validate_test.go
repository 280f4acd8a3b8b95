package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

func TestValidate_Windows(t *testing.T) {
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
			c, err := parse(test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, c.Collector.Windows); diff != "" {
				t.Errorf("windows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.dropped, c.DroppedWindows); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidate_WindowsRefused(t *testing.T) {
	_, err := parse("--runs.window=1d", "--runs.window=24h")
	wantError(t, err, `"24h"`, `"1d"`, "once")
	t.Setenv("EMPIRICAL_EXPORTER_RUNS_WINDOW", "1d\n30d")
	_, err = parse()
	wantError(t, err, `--runs.window "30d"`, "lookback")
}

func TestValidate_Addresses(t *testing.T) {
	for _, args := range [][]string{
		{"--web.listen-address=:10071", "--web.listen-address=127.0.0.1:http", "--web.listen-address=[::1]:0"},
		{"--web.listen-address=vsock://:10071"},
		{"--web.systemd-socket", "--web.listen-address=not used"},
	} {
		if _, err := parse(args...); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
}
