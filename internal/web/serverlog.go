package web

import (
	"strings"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// serverLog logs what net/http's server says, one message at a time. go-kit's own
// adapter would take the client's address in it for a file and a line, and cut the
// message there.
type serverLog struct{ logger log.Logger }

// handshake begins what the server says of a TLS handshake that failed.
const handshake = "http: TLS handshake error from "

// Write implements io.Writer.
func (l serverLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	severity := level.Warn
	if strings.HasPrefix(text, handshake) && hungUp(text) {
		severity = level.Debug // probes of load balancers do that, and scanners
	}
	return len(line), severity(l.logger).Log("msg", text)
}

// hungUp reports whether a message ends with what is read from, or written to, a
// client that is gone.
func hungUp(text string) bool {
	for _, end := range []string{": EOF", ": unexpected EOF", ": connection reset by peer", ": broken pipe"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}
