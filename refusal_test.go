package main

import (
	"context"
	"crypto/tls"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/config"
	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// What is refused, and in which words, internal/config tests. This is how the
// exporter ends then.
func TestRefusal(t *testing.T) {
	key := []string{secretKey}
	twoErrors := writeFile(t, "web.yml", "tls_server_config:\n  cert_fil: x\nbasic_auth_user: {}\n")
	for name, test := range map[string]struct {
		environment []string
		args        []string
		want        []string // all in the one line
	}{
		"no key":               {nil, nil, []string{"no API key"}},
		"key with white space": {[]string{config.KeyVariable + "=secret key"}, nil, []string{"$EMPIRICALRUN_KEY"}},
		"bad flag":             {key, []string{"--api.timeout=soon"}, []string{`--api.timeout "soon"`}},
		"bad variable":         {append(key, "EMPIRICAL_EXPORTER_RUNS_WINDOW=1d\n30d"), nil, []string{`--runs.window "30d"`}},
		"taken metrics path":   {key, []string{"--web.telemetry-path=/-/ready"}, []string{"--web.telemetry-path", "already"}},
		"errors of two lines":  {key, []string{"--web.config.file=" + twoErrors}, []string{"cert_fil", "basic_auth_user"}},
		"unknown flag":         {key, []string{"--runs.lookbak=1d"}, []string{"--runs.lookbak", "see empirical_exporter --help"}},
		"unknown command":      {key, []string{"served"}, []string{"served", "see empirical_exporter --help"}},
		"bad proxy":            {append(key, "HTTPS_PROXY=http://user:secret%@proxy:3128"), nil, []string{"$HTTPS_PROXY", "write it as http://"}},
		"missing authority":    {append(key, "SSL_CERT_FILE=/nowhere/ca.pem"), nil, []string{"$SSL_CERT_FILE", "/nowhere/ca.pem", "no such file"}},
		"key as a key file":    {nil, []string{"--api.key-file=emp_secret_0123456789"}, []string{`"emp_…"`, "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runExporter(t, test.environment, test.args...)
			if code != 1 || stdout != "" {
				t.Errorf("exit code %d, want 1; on stdout: %q", code, stdout)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "empirical_exporter: error: ") {
				t.Errorf("not one line of the usual form on stderr:\n%s", stderr)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in: %s", want, stderr)
				}
			}
			if strings.Contains(stderr, "secret") {
				t.Errorf("the key is shown: %s", stderr)
			}
		})
	}
}

// The address is taken. Were it listened on before the configuration is checked,
// the exporter would complain of that.
func TestRefusal_BeforeListening(t *testing.T) {
	address := takenAddress(t)
	key := []string{secretKey}
	noCertificate := writeFile(t, "tls.yml", "tls_server_config:\n  cert_file: none.pem\n  key_file: none.pem\n")
	for what, test := range map[string]struct {
		environment []string
		arg, want   string
	}{
		"no key":                {nil, "--api.url=http://127.0.0.1:1", "no API key"},
		"a missing key file":    {key, "--api.key-file=/nowhere/key", "/nowhere/key"},
		"a bad flag":            {key, "--runs.lookback=long", "--runs.lookback"},
		"a missing web config":  {key, "--web.config.file=/nowhere/web.yml", "/nowhere/web.yml"},
		"a missing certificate": {key, "--web.config.file=" + noCertificate, "none.pem"},
	} {
		code, _, stderr := runExporter(t, test.environment, "--web.listen-address="+address, test.arg)
		if code != 1 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "in use") {
			t.Errorf("%s: exit code %d, want 1 for %q:\n%s", what, code, test.want, stderr)
		}
	}
}

func TestRefusal_AddressIsTaken(t *testing.T) {
	address := takenAddress(t)
	code, _, stderr := runExporter(t, []string{secretKey}, "--api.url=http://127.0.0.1:1", "--web.listen-address="+address)
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{"level=error", address, "address already in use", "--web.listen-address"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in: %s", want, stderr)
		}
	}
}

// takenAddress returns an address that the test listens on.
func takenAddress(t *testing.T) string {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	return taken.Addr().String()
}

// mistake is a wrong set-up, or what an API does that somebody must see to.
type mistake struct {
	name        string
	url         string   // --api.url
	environment []string // beside the key
	args        []string
	reason      string
	err         string // expression
	advice      string // the beginning
}

// TestAdvice makes each mistake as a user would, and looks for the one line that
// says what to do about it.
func TestAdvice(t *testing.T) {
	for _, mistakes := range [][]mistake{answerMistakes(t), tlsMistakes(t), proxyMistakes(t), networkMistakes(t)} {
		for _, m := range mistakes {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				m.try(t)
			})
		}
	}
}

func (m *mistake) try(t *testing.T) {
	t.Helper()
	exporter := startExporter(t, append(m.environment, secretKey), append(m.args, "--api.url="+m.url)...)
	ctx, cancel := context.WithTimeout(t.Context(), testproc.Timeout)
	defer cancel()
	line, err := exporter.AwaitOutput(ctx, regexp.MustCompile(`level=error .*msg="refresh failed.*\n`))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(` reason=` + m.reason + ` err=.*` + m.err + `.* advice="` + regexp.QuoteMeta(m.advice))
	if !want.MatchString(line[0]) {
		t.Errorf("got %swant %s", line[0], want)
	}
	if log := exporter.Output(); strings.Contains(log, "secret") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

// soon has the exporter give up on what it sends again.
var soon = []string{"--api.timeout=300ms"}

func answerMistakes(t *testing.T) []mistake {
	t.Helper()
	answers := func(code int, retryAfter, text string) string {
		return serveMistake(t, func(w http.ResponseWriter, _ *http.Request) {
			if retryAfter != "" {
				w.Header().Set("Retry-After", retryAfter)
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		})
	}
	api := newAPI(t)
	old := newAPI(t)
	old.Inject(apitest.EditBody(func(doc map[string]any) { delete(doc, "data") }))
	elsewhere := newAPI(t)
	elsewhere.Inject(apitest.Redirect(http.StatusMovedPermanently, "https://api.elsewhere.test/"))
	return []mistake{
		{name: "400", url: answers(400, "", `{"message":"no such parameter"}`), reason: "request", err: "400 Bad Request: no such parameter", advice: "do as the message says"},
		{name: "401", url: answers(401, "", ""), reason: "unauthorized", err: "401 Unauthorized", advice: "put a valid key of the project"},
		{name: "402", url: answers(402, "", `{"error":{"message":"overdue"}}`), reason: "request", err: "402 Payment Required: overdue", advice: "the API asks for payment"},
		{name: "403", url: answers(403, "", ""), reason: "unauthorized", err: "403 Forbidden", advice: "put a valid key of the project"},
		{name: "403 with Retry-After", url: answers(403, "600", ""), reason: "rate_limited", err: "asks to wait until", advice: "if it goes on, lower --api.max-rate"},
		{name: "404", url: api.URL + "/v3", reason: "request", err: "404 Not Found", advice: "check --api.url: no runs are at that address"},
		{name: "429", url: answers(429, "600", ""), reason: "rate_limited", err: "asks to wait until", advice: "if it goes on, lower --api.max-rate"},
		{name: "500 that lasts", url: answers(500, "", "oops"), args: soon, reason: "server", err: "500 Internal Server Error: oops", advice: "if it lasts, ask Empirical"},
		{name: "525 that lasts", url: answers(525, "", ""), args: soon, reason: "server", err: "the API answered 525", advice: "if it lasts, ask Empirical"},
		{name: "204", url: answers(204, "", ""), reason: "response", err: "204 No Content", advice: "check --api.url, and what answers in place of the API"},
		{name: "a captive portal", url: answers(200, "", "<!DOCTYPE html><h1>Sign in"), reason: "response", err: "a web page", advice: "check --api.url, and what answers in place of the API"},
		{name: "other JSON", url: old.URL, reason: "response", err: "data: missing or empty", advice: "if it goes on, look for a newer exporter"},
		{name: "a redirect", url: elsewhere.URL, reason: "request", err: "refused a redirect to https://api.elsewhere.test", advice: "check --api.url; if the API has moved"},
	}
}

// serveMistake serves HTTP until the test ends.
func serveMistake(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func tlsMistakes(t *testing.T) []mistake {
	t.Helper()
	authority := testnet.MustAuthority(t, "ours")
	trusts := []string{"SSL_CERT_FILE=" + writeFile(t, "ca.pem", authority.PEM())}
	secure := func(certificate *testnet.Certificate, versions ...uint16) string {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate.Pair}, MinVersion: tls.VersionTLS12}
		for _, version := range versions {
			server.TLS.MinVersion, server.TLS.MaxVersion = version, version
		}
		server.Config.ErrorLog = stdlog.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.URL
	}
	good := authority.MustIssue(t, "api")
	return []mistake{
		{name: "an unknown authority", url: secure(good), reason: "tls", err: "unknown authority", advice: "name a file with the authority's certificate in $SSL_CERT_FILE"},
		{name: "a certificate for another host", url: secure(authority.MustIssue(t, "api", testnet.ForOthers)), environment: trusts, reason: "tls", err: "127.0.0.1", advice: "check the host in --api.url"},
		{name: "a certificate that has expired", url: secure(authority.MustIssue(t, "api", testnet.Expired)), environment: trusts, reason: "tls", err: "expired or is not yet valid", advice: "set this machine's clock right"},
		{name: "TLS 1.1 only", url: secure(good, tls.VersionTLS11), environment: trusts, reason: "tls", err: "protocol version", advice: "check host and port of --api.url, and what opens TLS"},
		{name: "http on a port for TLS", url: strings.Replace(secure(good), "https:", "http:", 1), reason: "tls", err: "HTTP request to an HTTPS server", advice: "write https:// in --api.url"},
		{name: "https on a port for HTTP", url: strings.Replace(newAPI(t).URL, "http:", "https:", 1), reason: "tls", err: "HTTP response to HTTPS client", advice: "check scheme and port of --api.url"},
	}
}

// proxyMistakes are about a host that is not of this machine: proxies are never
// asked for that.
func proxyMistakes(t *testing.T) []mistake {
	t.Helper()
	proxies := func(to string) []string {
		return []string{"HTTPS_PROXY=" + to, "HTTP_PROXY=" + to}
	}
	withSecret := func(proxy string) string { return strings.Replace(proxy, "://", "://user:secret@", 1) }
	answers := func(code int) string {
		return withSecret(serveMistake(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	}
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = stdlog.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	const secured, plain = "https://api.elsewhere.test", "http://api.elsewhere.test"
	return []mistake{
		{name: "no credentials, https", url: secured, environment: proxies(answers(407)), reason: "network", err: "the proxy answered 407", advice: "put the proxy's user and password into $HTTPS_PROXY"},
		{name: "no credentials, http", url: plain, environment: proxies(answers(407)), reason: "network", err: "the proxy answered 407", advice: "put the proxy's user and password into $HTTP_PROXY"},
		{name: "a proxy that forbids it", url: secured, environment: proxies(answers(403)), reason: "network", err: "the proxy answered 403", advice: "have the proxy of $HTTPS_PROXY let the exporter through"},
		{name: "a proxy without a way", url: secured, environment: proxies(answers(502)), args: soon, reason: "network", err: "the proxy answered 502", advice: "see why the proxy of $HTTPS_PROXY does not reach the API"},
		{name: "no proxy there", url: secured, environment: proxies(withSecret("http://" + testproc.MustFreeAddress(t))), args: soon, reason: "network", err: "the proxy cannot be reached: .*refused", advice: "start the proxy, or correct its host and port in $HTTPS_PROXY"},
		{name: "no proxy there, in small letters", url: plain, environment: []string{"http_proxy=" + testproc.MustFreeAddress(t)}, args: soon, reason: "network", err: "the proxy cannot be reached: .*refused", advice: "start the proxy, or correct its host and port in $HTTP_PROXY"},
		{name: "no such proxy", url: secured, environment: proxies(withSecret("http://" + testnet.NoSuchHost + ":3128")), reason: "network", err: "the proxy cannot be reached: .*no such host", advice: "correct the proxy's host in $HTTPS_PROXY"},
		{name: "a proxy that is not trusted", url: secured, environment: proxies(withSecret(untrusted.URL)), reason: "tls", err: "the proxy cannot be reached: .*unknown authority", advice: "name a file with the authority of the proxy's certificate in $SSL_CERT_FILE"},
	}
}

func networkMistakes(t *testing.T) []mistake {
	t.Helper()
	hanging := newAPI(t)
	hanging.Inject(apitest.HangBeforeHeaders())
	resetting := newAPI(t)
	resetting.Inject(apitest.Reset())
	return []mistake{
		{name: "no such host", url: "https://" + testnet.NoSuchHost, reason: "network", err: "no such host", advice: "check the host in --api.url"},
		{name: "a closed port", url: "http://" + testproc.MustFreeAddress(t), args: soon, reason: "network", err: "connection refused", advice: "check host and port of --api.url"},
		{name: "no answer", url: hanging.URL, args: soon, reason: "timeout", err: "no complete answer", advice: "check firewall and proxy"},
		{name: "connections that break", url: resetting.URL, args: soon, reason: "network", err: "(reset|EOF)", advice: "check the network between here and the API"},
	}
}

// Through a proxy that asks for credentials, and a certificate that only
// $SSL_CERT_FILE makes trusted, the exporter works.
func TestProxy_WithCredentials(t *testing.T) {
	api := newAPI(t)
	target, err := url.Parse(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := serveMistake(t, func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := proxyCredentials(r); !ok || user != "user" || password != "100%" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		passOn(w, r, target)
	})
	exporter := startExporter(t, []string{secretKey, "HTTP_PROXY=" + strings.Replace(proxy, "://", "://user:100%25@", 1)}, "--api.url=http://api.elsewhere.test")
	if _, body := testproc.Get(t, listenURL(t, exporter)+"/metrics"); !strings.Contains(body, `empirical_up{key="default"} 1`) {
		t.Errorf("no empirical_up 1; log:\n%s", exporter.Output())
	}
}

func proxyCredentials(r *http.Request) (user, password string, ok bool) {
	as := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	return as.BasicAuth()
}

func passOn(w http.ResponseWriter, r *http.Request, to *url.URL) {
	request := r.Clone(r.Context())
	request.RequestURI, request.URL.Scheme, request.URL.Host = "", to.Scheme, to.Host
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}
