package testproc_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// shell starts a shell that runs a script.
func shell(t *testing.T, script string) *testproc.Process {
	t.Helper()
	return testproc.MustStart(t, exec.Command("sh", "-c", script))
}

// bounded is the context of a wait that a test passes well before its end.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testproc.Timeout)
	t.Cleanup(cancel)
	return ctx
}

func TestProcess_OutputOfBothStreams(t *testing.T) {
	p := shell(t, "echo out; echo err >&2; exit 3")
	if code, err := p.ExitCode(bounded(t)); err != nil || code != 3 {
		t.Errorf("exit code %d, %v, want 3", code, err)
	}
	if got := p.Output(); got != "out\nerr\n" {
		t.Errorf("output %q", got)
	}
}

func TestProcess_Tail(t *testing.T) {
	p := shell(t, "seq 100000; echo end")
	if _, err := p.ExitCode(bounded(t)); err != nil {
		t.Fatal(err)
	}
	if got := p.Tail(); len(got) != 4000 || !strings.HasSuffix(got, "\n100000\nend\n") {
		t.Errorf("%d bytes that end with %q", len(got), got[max(0, len(got)-20):])
	}
}

func TestProcess_AwaitOutput(t *testing.T) {
	p := shell(t, "echo listening on here; exec sleep 60")
	groups, err := p.AwaitOutput(bounded(t), regexp.MustCompile(`listening on (\S+)`))
	if err != nil || groups[1] != "here" {
		t.Errorf("%q, %v", groups, err)
	}
}

func TestProcess_AwaitFails(t *testing.T) {
	never := func() bool { return false }
	p := shell(t, "echo broken; exit 1")
	if err := p.Await(bounded(t), "it", never); err == nil || !strings.Contains(err.Error(), "has ended") || !strings.Contains(err.Error(), "broken") {
		t.Errorf("of a process that ended: %v", err)
	}
	p = shell(t, "exec sleep 60")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := p.Await(ctx, "it", never); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("past the deadline: %v", err)
	}
	if _, err := p.ExitCode(ctx); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("exit code of a process that runs: %v", err)
	}
}

func TestProcess_AwaitURL(t *testing.T) {
	var asked int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	p := shell(t, "exec sleep 60")
	if err := p.AwaitURL(bounded(t), server.URL); err != nil || asked != 3 {
		t.Errorf("asked %d times, want 3: %v", asked, err)
	}
}

func TestProcess_Stop(t *testing.T) {
	p := shell(t, "exec sleep 60")
	p.Stop()
	if code, err := p.ExitCode(bounded(t)); err != nil || code != -1 {
		t.Errorf("exit code %d, %v, want that of a signal, -1", code, err)
	}
	p.Stop() // once more does no harm
}

func TestProcess_Signal(t *testing.T) {
	p := shell(t, "trap 'exit 7' USR1; echo ready; while :; do sleep 0.01; done")
	if _, err := p.AwaitOutput(bounded(t), regexp.MustCompile("ready")); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if code, err := p.ExitCode(bounded(t)); err != nil || code != 7 {
		t.Errorf("exit code %d, %v, want 7", code, err)
	}
}

func TestStart_NoSuchProgram(t *testing.T) {
	if _, err := testproc.Start(exec.Command(filepath.Join(t.TempDir(), "none"))); err == nil {
		t.Error("it started")
	}
}

func TestFreeAddress(t *testing.T) {
	listener, err := net.Listen("tcp", testproc.MustFreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTool(t *testing.T) {
	program := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NO_SUCH_TOOL", program)
	if path := testproc.MustTool(t, "no-such-tool"); path != program {
		t.Errorf("%s, want %s", path, program)
	}
	t.Setenv("NO_SUCH_TOOL", "")
	_, err := testproc.Tool("no-such-tool")
	for _, want := range []string{".bin/no-such-tool", "make tools", "$NO_SUCH_TOOL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
}

func TestInstalled(t *testing.T) {
	if path, err := testproc.Installed("sh", "NO_SUCH_TOOL"); err != nil || !filepath.IsAbs(path) {
		t.Errorf("%q, %v", path, err)
	}
	_, err := testproc.Installed("no-such-tool", "NO_SUCH_TOOL")
	for _, want := range []string{"apt-get install no-such-tool", "$NO_SUCH_TOOL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
	t.Setenv("NO_SUCH_TOOL", "sh")
	if path, err := testproc.Installed("no-such-tool", "NO_SUCH_TOOL"); err != nil || filepath.Base(path) != "sh" {
		t.Errorf("%q, %v", path, err)
	}
}

func TestRoot(t *testing.T) {
	root, err := testproc.Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "internal", "testproc", "process.go")); err != nil {
		t.Error(err)
	}
	t.Chdir(t.TempDir())
	if root, err := testproc.Root(); err == nil {
		t.Errorf("outside of the repository: %s", root)
	}
}
