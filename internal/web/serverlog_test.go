package web

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// lockedLog is a log that can be read while it is written.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String implements fmt.Stringer.
func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestServer_LogsHandshakes(t *testing.T) {
	authority := testnet.MustAuthority(t, "theirs")
	for name, test := range map[string]struct {
		connect func(net.Conn)
		want    string
	}{
		"hangs up": {func(c net.Conn) { _ = c.Close() }, `level=debug CALLER msg="http: TLS handshake error from 127\.0\.0\.1:\d+: EOF"`},
		"hangs up midway": {func(c net.Conn) {
			_, _ = c.Write([]byte{22, 3, 1, 1, 0, 1})
			_ = c.Close()
		}, `level=debug CALLER msg="http: TLS handshake error from 127\.0\.0\.1:\d+: (unexpected )?EOF"`},
		"does not trust it": {func(c net.Conn) {
			_ = tls.Client(c, &tls.Config{ServerName: "a", RootCAs: authority.Pool()}).HandshakeContext(t.Context())
			_ = c.Close()
		}, `level=warn CALLER msg="http: TLS handshake error from 127\.0\.0\.1:\d+: remote error: tls: (bad|unknown) certificate.*"`},
	} {
		t.Run(name, func(t *testing.T) {
			var out lockedLog
			server := httptest.NewUnstartedServer(nil)
			server.Config = newServer(http.NotFoundHandler(), log.With(log.NewLogfmtLogger(&out), "caller", log.DefaultCaller))
			server.StartTLS()
			defer server.Close()
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			test.connect(connection)
			line := regexp.MustCompile("^" + strings.Replace(test.want, "CALLER", `caller=serverlog\.go:\d+`, 1) + "\n$")
			testproc.Eventually(t, testproc.Timeout, "a line in the log", func() bool { return out.String() != "" })
			if got := out.String(); !line.MatchString(got) || strings.Count(got, "caller=") != 1 {
				t.Errorf("logged %q, want one line like %s", got, line)
			}
		})
	}
}
