package apitest

import (
	"bytes"
	"net"
	"net/http"
	"time"
)

// Status answers with a status and a message, in the form of the API's errors.
func Status(code int, message string) Fault {
	return Fault{answer: func(a *answer) { *a = *errorAnswer(code, message) }}
}

// StatusRetryAfter answers with a status and a Retry-After header, which may be
// seconds, a date, or wrong.
func StatusRetryAfter(code int, retryAfter string) Fault {
	return Fault{answer: func(a *answer) {
		*a = *errorAnswer(code, http.StatusText(code))
		a.header.Set("Retry-After", retryAfter)
	}}
}

// Redirect answers with a redirect.
func Redirect(code int, url string) Fault {
	return Fault{answer: func(a *answer) {
		*a = *newAnswer(code, "text/plain; charset=utf-8", nil)
		a.header.Set("Location", url)
	}}
}

// Body answers with status 200 and any body, such as HTML or broken JSON.
func Body(contentType string, body []byte) Fault {
	return Fault{answer: func(a *answer) { *a = *newAnswer(http.StatusOK, contentType, body) }}
}

// Reset ends the connection with a TCP reset, before any answer.
func Reset() Fault {
	return unanswered(func(w http.ResponseWriter, _ *http.Request, _ *answer) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // the connection is closed already
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // Close then sends a reset
		}
		_ = conn.Close()
	})
}

// HangBeforeHeaders sends nothing until the client disconnects or the server
// closes.
func HangBeforeHeaders() Fault {
	return unanswered(func(_ http.ResponseWriter, r *http.Request, _ *answer) { hang(r) })
}

// StallBody sends the headers and n bytes of the body, and then nothing until the
// client disconnects or the server closes.
func StallBody(n int) Fault {
	return sent(func(w http.ResponseWriter, r *http.Request, a *answer) {
		a.begin(w, int64(len(a.body)))
		writeNow(w, a.body[:min(n, len(a.body))])
		hang(r)
	})
}

// DripBody sends the body in parts of n bytes, each after an interval.
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

// TruncateBody announces the length of the complete body, sends n bytes of it and
// closes the connection.
func TruncateBody(n int) Fault {
	return sent(func(w http.ResponseWriter, _ *http.Request, a *answer) {
		a.begin(w, int64(len(a.body)))
		writeNow(w, a.body[:min(n, len(a.body))])
		panic(http.ErrAbortHandler)
	})
}

// ShortenBody sends the first n bytes of the body as if they were all: only the
// broken JSON shows that something is missing.
func ShortenBody(n int) Fault {
	return Fault{answer: func(a *answer) { a.body = a.body[:min(n, len(a.body))] }}
}

// HugeBody fills the body up to n bytes with spaces at its start, so that only its
// size is wrong. The spaces take no memory.
func HugeBody(n int64) Fault {
	return sent(func(w http.ResponseWriter, _ *http.Request, a *answer) {
		n := max(n, int64(len(a.body)))
		a.begin(w, n)
		spaces := bytes.Repeat([]byte{' '}, 32<<10)
		for left := n - int64(len(a.body)); left > 0; left -= int64(len(spaces)) {
			spaces = spaces[:min(int64(len(spaces)), left)]
			if _, err := w.Write(spaces); err != nil {
				panic(http.ErrAbortHandler) // the client disconnected
			}
		}
		_, _ = w.Write(a.body) // the client may have disconnected
	})
}

// sent is a fault of an answer that is sent.
func sent(send func(http.ResponseWriter, *http.Request, *answer)) Fault {
	return Fault{answer: func(a *answer) { a.send = send }}
}

// unanswered is a fault of a request that gets no answer.
func unanswered(send func(http.ResponseWriter, *http.Request, *answer)) Fault {
	return Fault{answer: func(a *answer) { a.status, a.send = 0, send }}
}

// hang waits for the end of the request and sends no answer.
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
		panic(http.ErrAbortHandler) // the client disconnected
	}
}
