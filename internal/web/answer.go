package web

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// answer holds an answer until it is whole. Series are encoded while no other
// scrape can go on, so a client that reads slowly must not be waited for then.
type answer struct {
	header http.Header
	code   int
	chunks []*chunk
	size   int
}

var _ http.ResponseWriter = (*answer)(nil)

// chunk is a piece of an answer. One growing buffer would be copied again and
// again, and be up to twice as large as the answer.
type chunk [64 << 10]byte

var chunks = sync.Pool{New: func() any { return new(chunk) }}

func newAnswer() *answer { return &answer{header: http.Header{}, code: http.StatusOK} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(code int) { a.code = code }

// Write implements http.ResponseWriter. It never fails.
func (a *answer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		used := a.size % len(chunk{})
		if used == 0 {
			a.chunks = append(a.chunks, chunks.Get().(*chunk))
		}
		n := copy(a.chunks[len(a.chunks)-1][used:], rest)
		a.size += n
		rest = rest[n:]
	}
	return len(p), nil
}

// sendTo sends the answer, and gives its memory back. The error is that of the
// connection.
func (a *answer) sendTo(w http.ResponseWriter) error {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.size))
	w.WriteHeader(a.code)
	var failed error
	for left, i := a.size, 0; left > 0; i++ {
		n := min(left, len(chunk{}))
		if failed == nil {
			_, failed = w.Write(a.chunks[i][:n])
		}
		chunks.Put(a.chunks[i])
		left -= n
	}
	a.chunks, a.size = nil, 0
	return failed
}
