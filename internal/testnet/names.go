package testnet

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
)

// Names is a name server. All hosts whose names end with .test have the address
// 127.0.0.1, but for those that were removed. It knows no others.
type Names struct {
	mu      sync.Mutex
	removed map[string]bool
}

// NamesOfProcess has all that the process resolves be asked of a new name server.
// It must be called before anything is resolved, as in TestMain.
func NamesOfProcess() *Names {
	n := &Names{removed: map[string]bool{}}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: n.dial}
	return n
}

// Remove removes a host, until restore is called.
func (n *Names) Remove(host string) (restore func()) {
	n.set(host, true)
	return func() { n.set(host, false) }
}

func (n *Names) set(host string, removed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.removed[host] = removed
}

// dial connects to the name server, as over TCP.
func (n *Names) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go n.serve(server)
	return client, nil
}

// serve answers questions. Each message comes after its length.
func (n *Names) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	for {
		var length [2]byte
		if _, err := io.ReadFull(connection, length[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(connection, question); err != nil {
			return
		}
		answer := n.answer(question)
		if _, err := connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// Where a message of DNS (RFC 1035) has what.
const (
	headerLength  = 12
	flagsAt       = 2
	answersAt     = 6
	additionalsAt = 10
	typeA         = 1
	noSuchName    = 3
)

// answer answers one question: with the address of a host where it asks for that,
// with nothing where it asks for something else.
func (n *Names) answer(message []byte) []byte {
	name, end := nameIn(message)
	answer := append([]byte(nil), message[:end+4]...)     // header, name, type and class
	binary.BigEndian.PutUint16(answer[flagsAt:], 0x8180)  // an answer, no error
	binary.BigEndian.PutUint32(answer[answersAt:], 0)     // no answers so far
	binary.BigEndian.PutUint16(answer[additionalsAt:], 0) // nor what the question had beside
	kind := binary.BigEndian.Uint16(message[end:])
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.removed[name] || !strings.HasSuffix(name, ".test"):
		answer[flagsAt+1] |= noSuchName
	case kind == typeA:
		answer[answersAt+1] = 1
		answer = append(answer, 0xc0, headerLength) // the name of the question
		answer = append(answer, message[end:end+4]...)
		answer = append(answer, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1) // for no time; four bytes
	}
	return answer
}

// nameIn returns the name that a message asks about and where it ends.
func nameIn(message []byte) (name string, end int) {
	var labels []string
	at := headerLength
	for message[at] != 0 {
		next := at + 1 + int(message[at])
		labels = append(labels, string(message[at+1:next]))
		at = next
	}
	return strings.ToLower(strings.Join(labels, ".")), at + 1
}
