package testproc

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// Timeout bounds each wait of a test. A test that passes comes nowhere near it.
const Timeout = 20 * time.Second

// MustStart starts a command, which is stopped when the test ends. Of a test
// that failed the end of the output is logged.
func MustStart(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	p, err := Start(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		p.Stop()
		if tb.Failed() {
			tb.Logf("end of the output of %s:\n%s", cmd, p.Tail())
		}
	})
	return p
}

// MustTool returns the path of a program that `make tools` builds.
func MustTool(tb testing.TB, name string) string {
	tb.Helper()
	path, err := Tool(name)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// MustFreeAddress returns an address of the loopback interface that nobody
// listens on.
func MustFreeAddress(tb testing.TB) string {
	tb.Helper()
	address, err := FreeAddress()
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

// Eventually waits until holds returns true.
func Eventually(tb testing.TB, timeout time.Duration, what string, holds func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), timeout)
	defer cancel()
	if err := poll(ctx, nil, holds); err != nil {
		tb.Fatalf("waited %s in vain: %s", timeout, what)
	}
}

// Get sends a GET request, with headers as name, value, name, value…. It may be
// called from any goroutine.
func Get(tb testing.TB, url string, headers ...string) (code int, body string) {
	tb.Helper()
	code, body, _ = Request(tb, http.MethodGet, url, headers...)
	return code, body
}

// Request is like Get for any method, and returns the header of the answer too.
func Request(tb testing.TB, method, url string, headers ...string) (code int, body string, header http.Header) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, url, http.NoBody)
	if err != nil {
		tb.Error(err)
		return 0, "", nil
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Timeout: Timeout}
	response, err := client.Do(request)
	if err != nil {
		tb.Error(err)
		return 0, "", nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Error(err)
	}
	return response.StatusCode, string(text), response.Header
}
