package prometheus_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// timeout is how long a condition may take to come true, on a busy machine.
const timeout = 3 * time.Minute

// start starts a server, and waits until it is ready at its address. It is
// stopped at the end of the test.
func start(t *testing.T, address, binary string, arguments ...string) *testproc.Process {
	t.Helper()
	p := testproc.MustStart(t, exec.Command(binary, arguments...))
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	if err := p.AwaitURL(ctx, "http://"+address+"/-/ready"); err != nil {
		t.Fatal(err)
	}
	return p
}

// await waits until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	testproc.Eventually(t, timeout, what, holds)
}

// TestBuildExporter stands here and not beside BuildExporter: it compiles all
// packages anew, without the race detector, which `make test` has no time for.
func TestBuildExporter(t *testing.T) {
	program, err := testproc.BuildExporter(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.CommandContext(t.Context(), program, "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "empirical_exporter, version ") {
		t.Errorf("--version prints %q, %v", version, err)
	}
}
