package main

import (
	"os"
	"testing"
)

// asExporter makes the test binary be the exporter, so that tests can run the
// real thing in a process of its own.
const asExporter = "BE_THE_EXPORTER"

func TestMain(m *testing.M) {
	if os.Getenv(asExporter) != "" {
		main()
	}
	os.Exit(m.Run())
}
