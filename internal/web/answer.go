package web

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// answer holds an answer until it is whole. Series are encoded while no other
// scrape can go on, so a client that reads slowly must not be waited for then.
type answer struct {
	header http.Header
	code   int
	body   body
	gzip   *gzip.Writer // into body; nil where the client takes no gzip
}

var _ http.ResponseWriter = (*answer)(nil)

// gzips compress at the best speed. The default level makes an exposition, which is
// mostly names, a quarter smaller and costs five times as much.
var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // fails for unknown levels only
	return w
}}

// newAnswer returns an answer to a request, compressed where its client takes that.
func newAnswer(r *http.Request) *answer {
	a := &answer{header: http.Header{}, code: http.StatusOK}
	if takesGzip(r.Header) {
		a.gzip = gzips.Get().(*gzip.Writer)
		a.gzip.Reset(&a.body)
	}
	return a
}

// takesGzip reports whether a client takes answers that are compressed with gzip.
func takesGzip(header http.Header) bool {
	for _, encodings := range header["Accept-Encoding"] {
		for encoding := range strings.SplitSeq(encodings, ",") {
			name, quality, _ := strings.Cut(encoding, ";")
			if strings.TrimSpace(name) != "gzip" {
				continue
			}
			_, value, weighed := strings.Cut(quality, "q=")
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return !weighed || err == nil && q > 0
		}
	}
	return false
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(code int) { a.code = code }

// Write implements http.ResponseWriter. It never fails.
func (a *answer) Write(p []byte) (int, error) {
	if a.gzip != nil {
		return a.gzip.Write(p)
	}
	return a.body.Write(p)
}

// end makes the answer whole.
func (a *answer) end() {
	a.header.Add("Vary", "Accept-Encoding")
	if a.gzip == nil {
		return
	}
	_ = a.gzip.Close() // never fails, as the body never does
	gzips.Put(a.gzip)
	a.gzip = nil
	a.header.Set("Content-Encoding", "gzip")
}

// sendTo sends the answer, and gives its memory back. The error is that of the
// connection.
func (a *answer) sendTo(w http.ResponseWriter) error {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.size))
	w.WriteHeader(a.code)
	return a.body.moveTo(w)
}

// body is bytes in pieces. One growing buffer would be copied again and again, and
// be up to twice as large.
type body struct {
	pieces []*piece
	size   int
}

type piece [64 << 10]byte

var pieces = sync.Pool{New: func() any { return new(piece) }}

// Write implements io.Writer. It never fails.
func (b *body) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		used := b.size % len(piece{})
		if used == 0 {
			b.pieces = append(b.pieces, pieces.Get().(*piece))
		}
		n := copy(b.pieces[len(b.pieces)-1][used:], rest)
		b.size += n
		rest = rest[n:]
	}
	return len(p), nil
}

// moveTo writes the body, and leaves it empty.
func (b *body) moveTo(w io.Writer) (err error) {
	for _, p := range b.pieces {
		n := min(b.size, len(p))
		if err == nil {
			_, err = w.Write(p[:n])
		}
		pieces.Put(p)
		b.size -= n
	}
	b.pieces = nil
	return err
}
