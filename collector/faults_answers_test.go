package collector_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func statusFaults() []fault {
	return []fault{
		{what: "answers 400", inject: answers(apitest.Status(400, "bad interval")), reason: "request", says: `400 Bad Request: bad interval.*advice="do as the message says`},
		{what: "answers 401", inject: answers(apitest.Status(401, "who are you")), reason: "unauthorized", says: `401 Unauthorized: who are you.*advice="put a valid key`},
		{what: "answers 403", inject: answers(apitest.Status(403, "not yours")), reason: "unauthorized", says: `403 Forbidden: not yours.*advice="put a valid key`},
		{what: "answers 401 and tells the key", inject: func(tb *testbed) func() {
			return tb.inject(apitest.Status(401, "bad key "+tb.project.secrets[0]))
		}, reason: "unauthorized", says: `bad key \[key\]`},
		{what: "answers 404", inject: answers(apitest.Status(404, "no such thing")), reason: "request", says: `404 Not Found: no such thing.*advice="check --api\.url`},
		{what: "answers 418", inject: answers(apitest.Status(418, "short")), reason: "request", says: "418 I'm a teapot: short"},
		{what: "answers 429", inject: answers(apitest.Status(429, "slow down")), reason: "rate_limited", waits: true, says: "429 Too Many Requests: slow down"},
		{what: "answers 500", inject: answers(apitest.Status(500, "oops")), reason: "server", waits: true, says: `500 Internal Server Error: oops.*advice="if it lasts`},
		{what: "answers 501", inject: answers(apitest.Status(501, "never")), reason: "server", says: "501 Not Implemented: never"},
		{what: "answers 502", inject: answers(apitest.Status(502, "")), reason: "server", waits: true, says: "502 Bad Gateway"},
		{what: "answers 503", inject: answers(apitest.Status(503, "")), reason: "server", waits: true, says: "503 Service Unavailable"},
		{what: "answers 504", inject: answers(apitest.Status(504, "")), reason: "server", waits: true, says: "504 Gateway Timeout"},
		{what: "answers 204", inject: answers(apitest.Status(204, "")), reason: "response", says: "204 No Content"},
		{what: "answers 500 once", inject: answersOnce(apitest.Status(500, "oops"))},
		{what: "answers 429 once, with Retry-After in seconds", inject: answersOnce(apitest.StatusRetryAfter(429, "7")), mayWait: true},
		{what: "answers 503 once, with Retry-After as a date", mayWait: true, inject: func(tb *testbed) func() {
			date := tb.skipping.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat)
			return tb.api.InjectN(1, apitest.StatusRetryAfter(503, date), tb.mine())
		}},
		{what: "answers 429 once, with a Retry-After that cannot be read", inject: answersOnce(apitest.StatusRetryAfter(429, "soon"))},
		{
			what: "answers 429 with Retry-After: 120", inject: heldBack(429, 2*time.Minute, func(time.Time) string { return "120" }),
			reason: "rate_limited", says: "asks to wait until 20",
		},
		{what: "answers 503 with a Retry-After in two hours, as a date", inject: heldBack(503, 10*time.Minute, func(now time.Time) string {
			return now.Add(2 * time.Hour).UTC().Format(http.TimeFormat)
		}), reason: "rate_limited", says: "asks to wait until 20"},
		{
			what: "redirects to another port", inject: redirects(func(string) string { return "http://127.0.0.1:1/api/test-runs" }),
			reason: "request", says: `refused a redirect to http://127.0.0.1:1:`,
		},
		{
			what: "redirects to another host", inject: redirects(func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }),
			reason: "request", says: `refused a redirect to http://localhost:`,
		},
		{
			what: "redirects to https", inject: redirects(func(url string) string { return strings.Replace(url, "http:", "https:", 1) }),
			reason: "request", says: `refused a redirect to https://127.0.0.1:`,
		},
		{
			what: "redirects in a circle", inject: redirects(func(url string) string { return url + "/api/test-runs" }),
			reason: "request", says: `refused a redirect to http://127.0.0.1:.*in a row`,
		},
	}
}

// heldBack has the API ask for a wait, and makes sure that no request leaves
// before it is over.
func heldBack(code int, wait time.Duration, header func(now time.Time) string) func(*testbed) func() {
	return func(tb *testbed) func() {
		remove := tb.inject(apitest.StatusRetryAfter(code, header(tb.skipping.Now())))
		return func() {
			remove()
			before := tb.attempts()
			tb.skipping.Skip(wait - 90*time.Second) // still too long to wait for
			tb.live()
			tb.scrape()
			if n := tb.attempts() - before; n != 0 {
				tb.Errorf("%v requests before the time that the API named", n)
			}
			tb.wantAll("before the time that the API named")
			tb.log.take()
			tb.skipping.Skip(90 * time.Second)
		}
	}
}

func redirects(to func(url string) string) func(*testbed) func() {
	return func(tb *testbed) func() {
		return tb.inject(apitest.Redirect(http.StatusTemporaryRedirect, to(tb.api.URL)))
	}
}

// short is a timeout that a test can wait for, and enough for a good answer.
const short = 2 * time.Second

func networkFaults() []fault {
	return []fault{
		{what: "refuses connections", proxied: true, inject: func(tb *testbed) func() {
			tb.proxy.stop()
			return tb.proxy.start
		}, reason: "network", waits: true, says: `connection refused.*advice="check host and port of --api\.url`},
		{what: "resets connections", inject: answers(apitest.Reset()), reason: "network", waits: true, says: `(connection reset|EOF).*advice="check the network`},
		{what: "resets a connection once", inject: answersOnce(apitest.Reset())},
		{
			what: "takes the request and never answers", inject: answers(apitest.HangBeforeHeaders()), hangs: true, timeout: short,
			reason: "timeout", says: "no complete answer within",
		},
		{
			what: "stalls in the middle of the body", inject: answers(apitest.StallBody(200)), hangs: true, timeout: short,
			reason: "timeout", says: "no complete answer within",
		},
		{
			what: "drips the body", inject: answers(apitest.DripBody(10, 50*time.Millisecond)), hangs: true, timeout: short,
			reason: "timeout", says: "no complete answer within",
		},
		{what: "answers slowly, but answers", inject: func(tb *testbed) func() {
			tb.api.SetLatency(150 * time.Millisecond)
			return func() { tb.api.SetLatency(0) }
		}},
	}
}

func bodyFaults() []fault {
	json := func(text string) func(*testbed) func() {
		return answers(apitest.Body("application/json", []byte(text)))
	}
	faults := []fault{
		{what: "breaks the body off", inject: answers(apitest.TruncateBody(150)), reason: "response", says: "byte 150: the body is cut short"},
		{
			what: "sends half of the JSON as though it were all", inject: answers(apitest.ShortenBody(150)),
			reason: "response", says: "byte 150 of 150: unexpected end of JSON input",
		},
		{
			what: "answers 200 with HTML", inject: answers(apitest.Body("text/html", []byte("<!DOCTYPE html><h1>Sign in"))),
			reason: "response", says: `the body: a web page.*advice="check --api\.url, and what answers`,
		},
		{
			what: "answers 200 with a body of 1 GiB", inject: answers(apitest.HugeBody(1 << 30)), timeout: time.Minute,
			reason: "response", says: "longer than 16 MiB",
		},
	}
	for _, b := range []struct{ what, body, says string }{
		{"nothing", ``, "unexpected end of JSON input"},
		{"bytes that are no text", "\x1f\x8b\x00\xff\xfe", "byte 1 of 5: invalid character"},
		{"two documents", `{} {}`, "byte 4 of 5: invalid character"},
		{"a list", `[]`, "array"},
		{"null", `null`, "data: missing or empty"},
		{"null data", `{"data":null}`, "data: missing or empty"},
		{"data that is a text", `{"data":"none"}`, "data: .*string"},
		{"no project", `{"data":{"test_runs":{"items":[]}}}`, "data.project: missing or empty"},
		{"an empty project slug", `{"data":{"project":{"slug":""},"test_runs":{"items":[]}}}`, "data.project.slug: missing or empty"},
		{"a number for a project slug", `{"data":{"project":{"slug":1},"test_runs":{"items":[]}}}`, "data.project.slug: missing or empty"},
		{"no list of runs", `{"data":{"project":{"slug":"a"}}}`, "data.test_runs: missing or empty"},
		{"null for the items", `{"data":{"project":{"slug":"project-0"},"test_runs":{"items":null}}}`, "data.test_runs.items: missing or empty"},
		{"an object for the items", `{"data":{"project":{"slug":"project-0"},"test_runs":{"items":{}}}}`, "data.test_runs.items: .*object"},
	} {
		faults = append(faults, fault{what: "answers 200 with " + b.what, inject: json(b.body), reason: "response", says: b.says})
	}
	return faults
}
