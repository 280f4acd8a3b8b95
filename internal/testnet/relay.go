package testnet

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Relay passes TCP connections on to another address.
type Relay struct {
	Address string // where it listens

	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	to      string
	relayed []*relayed
}

// relayed is one connection, with both of its ends.
type relayed struct {
	client, server net.Conn
	silent         atomic.Bool
}

// MustRelay starts a relay, which ends with the test.
func MustRelay(tb testing.TB, to string) *Relay {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &Relay{Address: listener.Addr().String(), to: to, listener: listener}
	r.running.Go(r.accept)
	tb.Cleanup(r.close)
	return r
}

// Connections returns how many connections there have been.
func (r *Relay) Connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.relayed)
}

// Redirect passes connections on to another address from now on, and ends those
// that there are.
func (r *Relay) Redirect(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
	r.endAll()
}

func (r *Relay) endAll() {
	for _, c := range r.relayed {
		_ = c.client.Close()
		_ = c.server.Close()
	}
}

// Silence has the connections of now stay open and say nothing more, in both
// directions. New ones work.
func (r *Relay) Silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.relayed {
		c.silent.Store(true)
	}
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return // it is closed
		}
		r.mu.Lock()
		to := r.to
		r.mu.Unlock()
		server, err := net.Dial("tcp", to)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &relayed{client: client, server: server}
		r.mu.Lock()
		r.relayed = append(r.relayed, c)
		r.mu.Unlock()
		r.running.Go(func() { c.pass(server, client) })
		r.running.Go(func() { c.pass(client, server) })
	}
}

// pass copies until either side ends. A silent connection swallows what comes,
// the end too.
func (c *relayed) pass(to, from net.Conn) {
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		if c.silent.Load() {
			if err != nil {
				return
			}
			continue
		}
		if n > 0 {
			_, _ = to.Write(part[:n]) // an end that is gone is seen by the other copy
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

func (r *Relay) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	r.endAll()
	r.mu.Unlock()
	r.running.Wait()
}
