package apiclient

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// TLSError says that no TLS connection could be made: a certificate that is not
// trusted, a handshake that one side refused, or one side that does not speak TLS.
type TLSError struct{ Err error }

// Error implements error.
func (e *TLSError) Error() string { return "no TLS connection: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// ProxyError says that the proxy fails, not the API behind it. It never shows the
// proxy's credentials.
type ProxyError struct {
	Variable string // of the environment that names the proxy
	Code     int    // of the proxy's answer; 0 where none came
	Err      error  // why no answer came; nil where one did
}

// Error implements error.
func (e *ProxyError) Error() string {
	if e.Code != 0 {
		return "the proxy answered " + statusText(e.Code)
	}
	return fmt.Sprintf("the proxy cannot be reached: %v", e.Err)
}

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }

// proxyError is an error of the proxy of the environment that the API's URL
// goes by.
func (c *Client) proxyError(code int, err error) error {
	return &ProxyError{Variable: strings.ToUpper(c.base.Scheme) + "_PROXY", Code: code, Err: err}
}

// connectionError says of an error of the HTTP client where it comes from.
func (c *Client) connectionError(err error) error {
	if connect, ok := errors.AsType[*net.OpError](err); ok && connect.Op == "proxyconnect" {
		return c.proxyError(0, inTLS(connect.Err))
	}
	return inTLS(err)
}

// inTLS returns a *TLSError where err is about TLS, else err itself.
func inTLS(err error) error {
	if isTLS(err) {
		return &TLSError{err}
	}
	return err
}

// alertForHTTP is how an error begins where the other side answered plain HTTP
// with an alert of TLS.
const alertForHTTP = `malformed HTTP response "\x15\x03`

// isTLS reports whether an error is about TLS. Few of crypto/tls' errors have a
// type that can be named, but all begin with its name.
func isTLS(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation.Op == "remote error" || operation.Op == "local error" // an alert
	}
	return errors.Is(err, http.ErrSchemeMismatch) || strings.HasPrefix(err.Error(), "tls: ") || strings.Contains(err.Error(), alertForHTTP)
}

// plainHTTP is what servers say that got plain HTTP on a port for TLS: those made
// with Go, nginx, Apache.
var plainHTTP = regexp.MustCompile(`(?i)HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL`)

// isPlainHTTP reports whether an answer says that the API's URL must begin with
// https.
func isPlainHTTP(e *StatusError) bool {
	return e.Code == http.StatusBadRequest && plainHTTP.MatchString(e.Message)
}

// statusText is a status in numbers and, where it is known, in words.
func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
