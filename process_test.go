package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"
)

// patience bounds each wait in the tests; none gets near it unless it fails.
const patience = 20 * time.Second

// process is the exporter in a process of its own.
type process struct {
	t       *testing.T
	command *exec.Cmd
	stderr  *transcript
	ended   chan struct{}
}

// exporterCommand returns the exporter to be run with some arguments, and with
// nothing in its environment but what is given.
func exporterCommand(ctx context.Context, environment []string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, os.Args[0], args...)
	command.Env = append([]string{asExporter + "=1"}, environment...)
	return command
}

// startExporter runs the exporter until the test ends.
func startExporter(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	return start(t, exporterCommand(t.Context(), environment, append(args, "--web.listen-address=127.0.0.1:0")...))
}

// start runs a command that is the exporter until the test ends.
func start(t *testing.T, command *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, command: command, stderr: &transcript{}, ended: make(chan struct{})}
	p.command.Stderr = p.stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // its outcome is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // may have ended long ago
		<-p.ended
	})
	return p
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// url waits until the exporter listens.
func (p *process) url() string {
	p.t.Helper()
	var address string
	eventually(p.t, "the exporter listens", func() bool {
		match := listening.FindStringSubmatch(p.stderr.String())
		if match != nil {
			address = match[1]
		}
		return match != nil
	})
	return "http://" + address
}

// signal sends a signal.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// exitCode waits for the end.
func (p *process) exitCode() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("the exporter goes on; its log:\n%s", p.stderr)
		return -1
	}
}

// runExporter runs the exporter to its end, which must not be long in coming.
func runExporter(t *testing.T, environment []string, args ...string) (exitCode int, stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	within, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exporterCommand(within, environment, args...)
	command.Stdout, command.Stderr = &out, &log
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), log.String()
}

// eventually polls a condition until it holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not so within %s: %s", patience, what)
		}
	}
}

// transcript is written and read at once.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (t *transcript) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(text)
}

// String returns what was written so far.
func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
