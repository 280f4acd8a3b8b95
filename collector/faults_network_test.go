package collector_test

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

// wayFaults are about what stands between the exporter and the API: certificates,
// names, proxies, connections.
func wayFaults() []fault {
	faults := []fault{
		{what: "answers 402", inject: answers(apitest.Status(402, "an invoice is overdue")), reason: "request", says: `402 Payment Required: an invoice is overdue.*advice="the API asks for payment`},
		{what: "answers 403 with Retry-After: 7", inject: answers(apitest.StatusRetryAfter(403, "7")), reason: "rate_limited", waits: true, says: `403 Forbidden.*advice=.*--api\.max-rate`},
		{what: "answers 403 once, with Retry-After", inject: answersOnce(apitest.StatusRetryAfter(403, "7")), mayWait: true},
		{what: "answers 403 with Retry-After: 120", inject: heldBack(403, 2*time.Minute, func(time.Time) string { return "120" }), reason: "rate_limited", says: `asks to wait until 20.*advice=.*--api\.max-rate`},
		{what: "answers 407, which is a proxy's", inject: answers(apitest.Status(407, "who are you")), reason: "network", says: `the proxy answered 407 .*advice=.*\$HTTP_PROXY`},
		{what: "cannot be resolved", secured: true, inject: func(tb *testbed) func() {
			tb.serve(tb.goodTLS()) // else the open connection still does
			return names.Remove(tb.host)
		}, reason: "network", says: `no such host.*advice="check the host in --api\.url`},
		{what: "speaks TLS where the URL begins with http", relayed: true, inject: func(tb *testbed) func() {
			tb.serve(tb.goodTLS())
			return func() { tb.serve(nil) }
		}, reason: "tls", says: `HTTP request to an HTTPS server.*advice="write https:// in --api\.url`},
		{what: "has a certificate of an unknown authority", secured: true, inject: serves(func(tb *testbed) *tls.Config {
			return serverConfig(testnet.MustAuthority(tb, "unknown").MustIssue(tb, tb.host))
		}), reason: "tls", says: `unknown authority.*advice="name a file .*\$SSL_CERT_FILE`},
		{what: "has a certificate for another host", secured: true, inject: serves(func(tb *testbed) *tls.Config {
			return serverConfig(trusted.MustIssue(tb, tb.host, testnet.ForOthers))
		}), reason: "tls", says: `certificate is valid for elsewhere\.test.*advice="check the host in --api\.url`},
		{what: "has a certificate that has expired", secured: true, inject: serves(func(tb *testbed) *tls.Config {
			return serverConfig(trusted.MustIssue(tb, tb.host, testnet.Expired))
		}), reason: "tls", says: `expired or is not yet valid.*advice="set this machine's clock right`},
		{what: "refuses the TLS handshake", secured: true, inject: serves(func(tb *testbed) *tls.Config {
			config := tb.goodTLS()
			config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			return config
		}), reason: "tls", says: `protocol version.*advice="check host and port of --api\.url`},
		{
			what: "speaks plain HTTP where the URL begins with https", secured: true, inject: serves(func(*testbed) *tls.Config { return nil }),
			reason: "tls", says: `HTTP response to HTTPS client.*advice="check scheme and port of --api\.url`,
		},
		{what: "dies without a word, its HTTP/2 connection stays open", secured: true, hangs: true, timeout: 10 * time.Second, pauses: true, mayWait: true, inject: fallsSilent},
		{what: "dies without a word, its HTTP/1.1 connections stay open", relayed: true, hangs: true, timeout: 10 * time.Second, pauses: true, mayWait: true, inject: fallsSilent},
	}
	for _, code := range []int{520, 521, 522, 523, 524, 525, 526, 527, 530} {
		faults = append(faults, fault{
			what: fmt.Sprintf("answers %d", code), inject: answers(apitest.Status(code, "")), reason: "server", waits: true,
			says: fmt.Sprintf(`the API answered %d: .*advice="if it lasts`, code),
		})
	}
	return faults
}

// serves has what is before the API use another TLS configuration; nil is plain
// HTTP.
func serves(config func(*testbed) *tls.Config) func(*testbed) func() {
	return func(tb *testbed) func() {
		tb.serve(config(tb))
		return func() { tb.serve(tb.goodTLS()) }
	}
}

// fallsSilent swallows the next answer and all that comes later over the
// connections of then. New ones work.
func fallsSilent(tb *testbed) func() { return after(tb, 1, tb.relay.Silence) }
