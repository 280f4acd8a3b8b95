package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/config"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// asExporter makes the test binary be the exporter, so that tests can run it in
// a process of its own.
const asExporter = "RUN_THE_EXPORTER=1"

func TestMain(m *testing.M) {
	if name, _, _ := strings.Cut(asExporter, "="); os.Getenv(name) != "" {
		main()
	}
	os.Exit(m.Run())
}

const secretKey = config.KeyVariable + "=secret-key"

// newAPI serves a project with one run that passed.
func newAPI(t *testing.T) *apitest.Server {
	t.Helper()
	api := apitest.NewServer()
	t.Cleanup(api.Close)
	api.AddProject("checkout", "secret-key").Add(apitest.Run{
		State: "ended", Branch: new("main"), EnvironmentSlug: new("production"), CreatedAt: time.Now().Add(-time.Hour),
		TotalCount: new(int64(50)), SuccessCount: new(int64(50)), Duration: new(int64(120_000)),
	})
	return api
}

// exporterCommand returns the exporter to be run with some arguments, and with
// nothing in its environment but what is given.
func exporterCommand(ctx context.Context, t *testing.T, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(ctx, os.Args[0], args...)
	// With -cover the process writes its coverage to $GOCOVERDIR. Without such a
	// directory it would complain.
	coverage := cmp.Or(os.Getenv("GOCOVERDIR"), t.TempDir())
	command.Env = append([]string{asExporter, "GOCOVERDIR=" + coverage}, environment...)
	return command
}

// startExporter runs the exporter until the test ends.
func startExporter(t *testing.T, environment []string, args ...string) *testproc.Process {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // which ends before the exporter is stopped
	return testproc.MustStart(t, exporterCommand(ctx, t, environment, append(args, "--web.listen-address=127.0.0.1:0")...))
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// listenURL waits until the exporter listens.
func listenURL(t *testing.T, exporter *testproc.Process) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testproc.Timeout)
	defer cancel()
	groups, err := exporter.AwaitOutput(ctx, listening)
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + groups[1]
}

// wantCleanExit waits for the end of the exporter, whose exit code is to be 0.
func wantCleanExit(t *testing.T, exporter *testproc.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testproc.Timeout)
	defer cancel()
	if code, err := exporter.ExitCode(ctx); err != nil || code != 0 {
		t.Errorf("exit code %d, want 0, %v; log:\n%s", code, err, exporter.Output())
	}
}

// runExporter runs the exporter to its end, which must come soon.
func runExporter(t *testing.T, environment []string, args ...string) (exitCode int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testproc.Timeout)
	defer cancel()
	var out, log bytes.Buffer
	command := exporterCommand(ctx, t, environment, args...)
	command.Stdout, command.Stderr = &out, &log
	if err := command.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return command.ProcessState.ExitCode(), out.String(), log.String()
}

// writeFile writes a file into a directory of its own.
func writeFile(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	overwrite(t, path, text)
	return path
}

func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVersionAndHelp(t *testing.T) {
	code, stdout, stderr := runExporter(t, nil, "--version")
	if code != 0 || !strings.HasPrefix(stdout, "empirical_exporter, version ") || stderr != "" {
		t.Errorf("--version: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	code, stdout, stderr = runExporter(t, nil, "--help")
	if code != 0 || !strings.Contains(stdout, "$EMPIRICAL_EXPORTER_API_URL") || stderr != "" {
		t.Errorf("--help: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestStart_DroppedWindow(t *testing.T) {
	exporter := startExporter(t, []string{secretKey}, "--api.url="+newAPI(t).URL, "--runs.lookback=3d")
	listenURL(t, exporter)
	if want := `msg="default window left out because it is longer than the lookback" window=7d lookback=72h0m0s`; !strings.Contains(exporter.Output(), want) {
		t.Errorf("no %s in the log:\n%s", want, exporter.Output())
	}
}
