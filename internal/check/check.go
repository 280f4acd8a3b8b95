// Package check reads the runs of each key once and reports how the API and the
// configuration do.
package check

import (
	"context"
	"fmt"
	"io"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// Run checks every key and writes a report. It returns the exit code: 1 where
// something must be put right, else 0.
func Run(ctx context.Context, keys []collector.Key, config collector.Config, report io.Writer) int {
	exporter := collector.New(keys, config)
	defer exporter.Close()
	exporter.Refresh(ctx)
	code := 0
	for _, status := range exporter.Status() {
		if status.Err != nil {
			code = 1
			_, _ = fmt.Fprintf(report, "%s: %v\n", status.Key, status.Err)
			continue
		}
		_, _ = fmt.Fprintf(report, "%s: project %s, %s\n", status.Key, status.Project.Slug, status.Format)
	}
	return code
}
