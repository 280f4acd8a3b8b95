package collector

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// advices say what to do about a failure: the first whose error it is. A failure
// may pass by itself; what helps where it does not is said all the same.
var advices = []struct {
	about func(error) bool
	do    string // $PROXY stands for the variable that names the proxy; [brackets] are left out by Explain
}{
	{is[*duplicateError], "take one of the two keys away, or put a key of another project there"},
	{is[*slowError], slowAdvice},
	{is[*apiclient.KeyError], validKey},

	{proxyAnswered(407, 408), "put the proxy's user and password into $PROXY, as http://user:password@host:port with special characters as %40 and the like[, and restart]"},
	{proxyAnswered(500, 1000), "see why the proxy of $PROXY does not reach the API; check --api.url, or list the API's host in $NO_PROXY[ and restart]"},
	{proxyAnswered(100, 500), "have the proxy of $PROXY let the exporter through to the API, or list the API's host in $NO_PROXY[ and restart]"},
	{all(is[*apiclient.ProxyError], is[*apiclient.TLSError]), "name a file with the authority of the proxy's certificate in $SSL_CERT_FILE, or correct the scheme in $PROXY[, and restart]"},
	{all(is[*apiclient.ProxyError], isNoSuchHost), "correct the proxy's host in $PROXY[ and restart]"},
	{is[*apiclient.ProxyError], "start the proxy, or correct its host and port in $PROXY[ and restart]"},

	{all(is[*apiclient.TLSError], is[x509.UnknownAuthorityError]), "name a file with the authority's certificate in $SSL_CERT_FILE[ and restart]; needed where a proxy or firewall opens TLS. Otherwise check --api.url"},
	{all(is[*apiclient.TLSError], is[x509.HostnameError]), "check the host in --api.url, and what answers there: its certificate is for another host"},
	{all(is[*apiclient.TLSError], isExpired), "set this machine's clock right; if it is right, the server's certificate must be renewed"},
	{all(is[*apiclient.TLSError], isPlainHTTP), "write https:// in --api.url: the port is one for TLS"},
	{all(is[*apiclient.TLSError], isNoTLS), "check scheme and port of --api.url: what answers there does not speak TLS"},
	{is[*apiclient.TLSError], "check host and port of --api.url, and what opens TLS on the way: the two sides have no TLS version, or no certificate, that both accept"},

	{isRateLimited, "if it goes on, lower --api.max-rate or --api.concurrency[, or scrape less often]"},
	{status(http.StatusUnauthorized, http.StatusForbidden), validKey},
	{status(http.StatusPaymentRequired), "the API asks for payment: settle it with Empirical[; the next refresh finds out by itself]"},
	{status(http.StatusNotFound), "check --api.url: no runs are at that address. The API's own is https://api.empirical.run"},
	{statusBetween(http.StatusBadRequest, http.StatusInternalServerError), "do as the message says; where there is none, check --api.url, and look for a newer exporter"},
	{statusBetween(http.StatusInternalServerError, 1000), "if it lasts, ask Empirical about the API, or whoever runs what stands at --api.url[; the exporter goes on by itself]"},
	{is[*apiclient.StatusError], otherAnswers},
	{is[*apiclient.RedirectError], "check --api.url; if the API has moved, write its new address there"},
	{isHTML, otherAnswers},
	{is[*apiclient.ResponseError], "if it goes on, look for a newer exporter and report this line: the API has changed, or something on the way changes its answers"},

	{isNoSuchHost, "check the host in --api.url, and the name servers of this machine"},
	{is[*net.DNSError], "check the name servers of this machine: they do not answer"},
	{gaveWay, "raise --api.concurrency, so that a slow request leaves room for others"},
	{isTimeout, "check firewall and proxy between here and the API; if the API is only slow, raise --api.timeout"},
	{failedWith(syscall.ECONNREFUSED), "check host and port of --api.url: nothing accepts connections there"},
	{failedWith(syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EACCES, syscall.EPERM), "check network and firewall of this machine: it has no way to the API"},
}

const (
	validKey     = "put a valid key of the project where this one is read from[; a file is read again at the next refresh, a variable after a restart]"
	onlyNetwork  = "check the network between here and the API, with proxies and firewalls: the connection does not last"
	otherAnswers = "check --api.url, and what answers in place of the API: a proxy, a firewall, the sign-in page of a network"
)

// brackets are around words that hold only where the exporter goes on.
var brackets = regexp.MustCompile(`\[([^]]*)\]`)

// adviceOn says what to do about the error that a refresh ended with.
func adviceOn(err error) string { return brackets.ReplaceAllString(findAdvice(err), "$1") }

// Explain returns the reason of an error, as the metrics name it, and what to do
// about it: in the words for a command that reads once, and ends.
func Explain(err error) (reason, advice string) {
	return string(reasonOf(err)), brackets.ReplaceAllString(findAdvice(err), "")
}

func findAdvice(err error) string {
	for _, advice := range advices {
		if advice.about(err) {
			if proxy, ok := errors.AsType[*apiclient.ProxyError](err); ok {
				return strings.ReplaceAll(advice.do, "$PROXY", "$"+proxy.Variable)
			}
			return advice.do
		}
	}
	return onlyNetwork
}

// is reports whether an error, or one that it wraps, is of type T.
func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func all(conditions ...func(error) bool) func(error) bool {
	return func(err error) bool {
		for _, holds := range conditions {
			if !holds(err) {
				return false
			}
		}
		return true
	}
}

func failedWith(numbers ...syscall.Errno) func(error) bool {
	return func(err error) bool {
		number, ok := errors.AsType[syscall.Errno](err)
		return ok && slices.Contains(numbers, number)
	}
}

func status(codes ...int) func(error) bool {
	return func(err error) bool {
		answer, ok := errors.AsType[*apiclient.StatusError](err)
		return ok && slices.Contains(codes, answer.Code)
	}
}

// statusBetween is about the codes from one on, and below another.
func statusBetween(from, below int) func(error) bool {
	return func(err error) bool {
		answer, ok := errors.AsType[*apiclient.StatusError](err)
		return ok && answer.Code >= from && answer.Code < below
	}
}

func isRateLimited(err error) bool {
	answer, ok := errors.AsType[*apiclient.StatusError](err)
	return is[*apiclient.RateLimitError](err) || (ok && answer.RateLimited())
}

// proxyAnswered is about the answers of a proxy from one code on, and below another.
func proxyAnswered(from, below int) func(error) bool {
	return func(err error) bool {
		proxy, ok := errors.AsType[*apiclient.ProxyError](err)
		return ok && proxy.Code >= from && proxy.Code < below
	}
}

func isExpired(err error) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok && invalid.Reason == x509.Expired
}

// isPlainHTTP is about plain HTTP that was sent to a port for TLS. The answer is
// a status, or an alert of TLS that HTTP cannot read.
func isPlainHTTP(err error) bool {
	return is[*apiclient.StatusError](err) || strings.Contains(err.Error(), "malformed HTTP response")
}

// isNoTLS is about TLS that was sent to a port for something else.
func isNoTLS(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || is[tls.RecordHeaderError](err)
}

func isNoSuchHost(err error) bool {
	name, ok := errors.AsType[*net.DNSError](err)
	return ok && name.IsNotFound
}

func isHTML(err error) bool {
	response, ok := errors.AsType[*apiclient.ResponseError](err)
	return ok && response.HTML
}

func gaveWay(err error) bool {
	timeout, ok := errors.AsType[*apiclient.TimeoutError](err)
	return ok && timeout.GaveWay
}

func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return is[*apiclient.TimeoutError](err) || (ok && network.Timeout())
}
