package proof

import (
	"bytes"
	"context"
	"os"
	"os/exec"
)

// Process is a program that runs beside this one.
type Process struct {
	command *exec.Cmd
	log     bytes.Buffer
	ended   chan struct{}
}

func start(ctx context.Context, program string, arguments ...string) (*Process, error) {
	p := &Process{command: exec.CommandContext(ctx, program, arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.log, &p.log
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.command.Wait() //nolint:errcheck // it is stopped by a signal, and its log tells what else may have ended it
		close(p.ended)
	}()
	return p, nil
}

// Stop ends the process and waits until it has.
func (p *Process) Stop() {
	p.command.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended by itself
	<-p.ended
}

// Log is what the process wrote; it is to be read when it has ended.
func (p *Process) Log() string { return p.log.String() }
