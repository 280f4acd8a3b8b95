// Package testproc starts real processes for tests and for the proof of the
// dashboards, waits for them, stops them, and finds the programs to start.
//
// Functions that return errors serve code that is no test. Those that take a
// testing.TB are thin layers over them.
package testproc

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to end after SIGTERM.
const stopTimeout = 20 * time.Second

// Process is a running program. Its output is kept.
type Process struct {
	cmd    *exec.Cmd
	output *buffer
	ended  chan struct{}
}

// Start starts a command and keeps what it writes to both streams.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, output: &buffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // cmd.ProcessState says how it ended
		close(p.ended)
	}()
	return p, nil
}

// Output returns all that the process has written so far.
func (p *Process) Output() string { return p.output.String() }

// Tail returns the end of the output.
func (p *Process) Tail() string {
	const most = 4000
	text := p.Output()
	return text[max(0, len(text)-most):]
}

// Signal sends a signal.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Stop asks the process to end and waits until it has. A process that takes too
// long is killed.
func (p *Process) Stop() {
	_ = p.Signal(syscall.SIGTERM) // fails where the process has ended already
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// ExitCode waits for the end of the process and returns its exit code, which is
// -1 after a signal.
func (p *Process) ExitCode(ctx context.Context) (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s still runs: %w; end of its output:\n%s", p.name(), ctx.Err(), p.Tail())
	}
}

func (p *Process) name() string { return filepath.Base(p.cmd.Path) }

// buffer may be read while the process writes to it.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

// String implements fmt.Stringer.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
