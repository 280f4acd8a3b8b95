package apitest

import (
	"bytes"
	"net"
	"net/http"
	"time"
)

// Reset breaks the connection with a TCP reset, before any answer.
func Reset() Fault {
	return unanswered(func(w http.ResponseWriter, _ *http.Request, _ *answer) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // the connection is gone already
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // closing then resets
		}
		_ = conn.Close()
	})
}

// HangBeforeHeaders never answers, until the client goes or the server closes.
func HangBeforeHeaders() Fault {
	return unanswered(func(_ http.ResponseWriter, r *http.Request, _ *answer) { hang(r) })
}

// StallBody sends the headers and n bytes of the body, and then nothing, until
// the client goes or the server closes.
func StallBody(n int) Fault {
	return sent(func(w http.ResponseWriter, r *http.Request, a *answer) {
		a.begin(w, int64(len(a.body)))
		writeNow(w, a.body[:min(n, len(a.body))])
		hang(r)
	})
}

// DripBody sends the body n bytes at a time, an interval apart.
func DripBody(n int, interval time.Duration) Fault {
	return sent(func(w http.ResponseWriter, r *http.Request, a *answer) {
		a.begin(w, int64(len(a.body)))
		writeNow(w, nil)
		for rest := a.body; len(rest) > 0; {
			if !pause(r.Context(), interval) {
				panic(http.ErrAbortHandler)
			}
			part := rest[:min(max(n, 1), len(rest))]
			rest = rest[len(part):]
			writeNow(w, part)
		}
	})
}

// TruncateBody announces the whole body, sends n bytes of it and closes the
// connection.
func TruncateBody(n int) Fault {
	return sent(func(w http.ResponseWriter, _ *http.Request, a *answer) {
		a.begin(w, int64(len(a.body)))
		writeNow(w, a.body[:min(n, len(a.body))])
		panic(http.ErrAbortHandler)
	})
}

// ShortenBody sends the first n bytes of the body as though they were all:
// only its JSON tells that something is missing.
func ShortenBody(n int) Fault {
	return Fault{answer: func(a *answer) { a.body = a.body[:min(n, len(a.body))] }}
}

// HugeBody puts so many spaces before the body that it has n bytes: nothing
// but its size is wrong. It is not held in memory.
func HugeBody(n int64) Fault {
	return sent(func(w http.ResponseWriter, _ *http.Request, a *answer) {
		n := max(n, int64(len(a.body)))
		a.begin(w, n)
		spaces := bytes.Repeat([]byte{' '}, 32<<10)
		for left := n - int64(len(a.body)); left > 0; left -= int64(len(spaces)) {
			spaces = spaces[:min(int64(len(spaces)), left)]
			if _, err := w.Write(spaces); err != nil {
				panic(http.ErrAbortHandler) // the client has had enough
			}
		}
		_, _ = w.Write(a.body) // the client may be gone
	})
}

func sent(send func(http.ResponseWriter, *http.Request, *answer)) Fault {
	return Fault{answer: func(a *answer) { a.send = send }}
}

func unanswered(send func(http.ResponseWriter, *http.Request, *answer)) Fault {
	return Fault{answer: func(a *answer) { a.status, a.send = 0, send }}
}

// hang ends with the request, and then leaves no answer behind.
func hang(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func writeNow(w http.ResponseWriter, part []byte) {
	_, err := w.Write(part)
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}
