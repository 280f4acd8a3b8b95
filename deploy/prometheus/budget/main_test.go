package budget

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets garbage wait: queries make much of it, and what stays is little.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
