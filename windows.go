package main

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// defaultWindows give way to whatever the user names.
var defaultWindows = []collector.Window{
	{Name: "1d", Length: 24 * time.Hour},
	{Name: "7d", Length: 7 * 24 * time.Hour},
}

// settleWindows decides on the windows of the recent metrics.
func (f *flags) settleWindows() error {
	if len(f.windowNames) == 0 {
		for _, window := range defaultWindows {
			if window.Length > f.lookback {
				f.dropped = append(f.dropped, window.Name)
				continue
			}
			f.windows = append(f.windows, window)
		}
		return nil
	}
	named := map[time.Duration]string{}
	for _, name := range f.windowNames {
		length, err := positiveDuration(name)
		if err != nil {
			return &valueError{"runs.window", name, err}
		}
		if length > f.lookback {
			return fmt.Errorf("--runs.window %q: longer than the lookback; make --runs.lookback longer than %s or the window shorter", name, model.Duration(f.lookback))
		}
		if other, ok := named[length]; ok {
			return fmt.Errorf("--runs.window %q: as long as the window %q; name each length once", name, other)
		}
		named[length] = name
		f.windows = append(f.windows, collector.Window{Name: name, Length: length})
	}
	return nil
}
