package main

import (
	"strings"
	"testing"
)

// What starts the exporter also starts a check, which listens nowhere. The
// command may stand before it or behind it.
func TestCheck_TakesWhatTheExporterTakes(t *testing.T) {
	args := []string{"--api.url=" + newAPI(t).URL, "--web.listen-address=" + takenAddress(t), "--web.config.file=/nowhere/web.yml", "--scrape.max-staleness=1s"}
	for name, args := range map[string][]string{
		"in front": append([]string{"check"}, args...),
		"behind":   append(args, "check"),
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runExporter(t, []string{secretKey}, args...)
			if code != 0 || !strings.Contains(stdout, "checkout") || stderr != "" {
				t.Errorf("exit code %d, want 0 and a report of the project; stderr %q, stdout:\n%s", code, stderr, stdout)
			}
		})
	}
}
