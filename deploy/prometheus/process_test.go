package prometheus_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a server that runs beside the test.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	log   *transcript
}

// transcript keeps what a process writes.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(part []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(part)
}

func (l *transcript) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.Bytes()
	return string(text[max(0, len(text)-4000):])
}

// start starts a server, and waits until it is ready at its address. It is
// stopped at the end of the test; what it wrote last is shown if the test failed.
func start(t *testing.T, address, binary string, arguments ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, arguments...), ended: make(chan struct{}), log: &transcript{}}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended, its log tells
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s %s wrote at last:\n%s", binary, address, p.log.tail())
		}
	})
	await(t, binary+" to be ready", func() bool {
		select {
		case <-p.ended:
			t.Fatalf("%s ended:\n%s", binary, p.log.tail())
		default:
		}
		response, err := http.Get("http://" + address + "/-/ready")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return p
}

// stop ends the process and waits until it has ended.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// freeAddress returns an address of the loopback interface that nobody listens
// on. Its port is below those that systems give to connections, so that none
// takes it before the server does, or while the server is restarted.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(12000)))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("no port between 20000 and 32000 is free")
	return ""
}

// patience is how long a condition may take to come true, on a busy machine.
const patience = 3 * time.Minute

// await waits until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}
