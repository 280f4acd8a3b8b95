package apiclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// maxRedirects is the most redirects within one origin that a request follows.
const maxRedirects = 10

// Client reads the API with one key. It is safe for concurrent use. Its limits
// hold for all of its sessions together.
type Client struct {
	base        *url.URL
	key         Key
	userAgent   string
	projectID   int64 // 0 is none
	timeout     time.Duration
	concurrency int
	maxRate     float64
	backoff     backoffBounds
	clock       Clock

	connections connections
	pings       pings
	giveWayTime time.Duration // the least that a request of a background session may take
	usual       atomic.Int64  // how long the last request took that succeeded, in nanoseconds

	inFlight *slots
	rateTurn *semaphore.Weighted // held while waiting for the rate
	rate     *rate.Limiter

	mu        sync.Mutex
	notBefore map[string]time.Time // by path: see pauseRequests
}

// Option changes a Client from its defaults.
type Option func(*Client)

// WithTimeout bounds one request, from sending it to the end of the answer's
// body. Default 30 s.
func WithTimeout(d time.Duration) Option { return func(c *Client) { c.timeout = d } }

// WithConcurrency bounds the requests that are in flight at once. Default 8.
func WithConcurrency(n int) Option { return func(c *Client) { c.concurrency = n } }

// WithMaxRate bounds the requests per second. A burst may be as large as the
// concurrency. 0 means no limit. Default 20.
func WithMaxRate(perSecond float64) Option { return func(c *Client) { c.maxRate = perSecond } }

// WithUserAgent sets the User-Agent header. Default "empirical_exporter".
func WithUserAgent(name string) Option { return func(c *Client) { c.userAgent = name } }

// WithProjectID names the project that a key is for, in the header X-Project-Id.
// Default 0, which sends no such header.
func WithProjectID(id int64) Option { return func(c *Client) { c.projectID = id } }

// WithBackoff sets the first and the longest pause between retries, before the
// random part is added. Default 500 ms and 10 s.
func WithBackoff(first, longest time.Duration) Option {
	return func(c *Client) { c.backoff = backoffBounds{first, longest} }
}

// WithClock replaces the clock by which the client waits. The timeout of a
// request always goes by the machine's clock, which is also the default.
func WithClock(clock Clock) Option { return func(c *Client) { c.clock = clock } }

// Clock is a source of time.
type Clock interface {
	Now() time.Time
	// Sleep waits for d. It returns early, with the context's error, when the
	// context ends.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// New returns a client for the API at baseURL, such as
// https://api.empirical.run. An error says what is wrong with the URL.
func New(baseURL string, key Key, options ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:        base,
		key:         key,
		userAgent:   "empirical_exporter",
		timeout:     30 * time.Second,
		concurrency: 8,
		maxRate:     20,
		backoff:     backoffBounds{500 * time.Millisecond, 10 * time.Second},
		clock:       systemClock{},
		notBefore:   map[string]time.Time{},
		pings:       pings{after: 5 * time.Second, timeout: 5 * time.Second},
		giveWayTime: time.Second,
	}
	for _, option := range options {
		option(c)
	}
	c.connections = connections{newClient: c.newHTTPClient, now: c.clock.Now}
	c.inFlight = newSlots(c.concurrency)
	c.rateTurn = semaphore.NewWeighted(1)
	c.rate = rate.NewLimiter(rate.Inf, 0)
	if c.maxRate > 0 {
		burst := min(c.concurrency, int(math.Ceil(c.maxRate)))
		c.rate = rate.NewLimiter(rate.Limit(c.maxRate), burst)
	}
	return c, nil
}

// parseBase returns the URL under which all paths of the API are. Its errors
// never show user, password or query, where somebody may have put the key.
func parseBase(baseURL string) (*url.URL, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, errors.New("the API's URL cannot be read; write it as https://api.empirical.run")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the API's URL must be a scheme (http or https), a host and perhaps a path, nothing else; write it as https://api.empirical.run")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// checkRedirect implements the policy of http.Client: a redirect is followed
// within the origin of the API only, because it carries the key.
func (c *Client) checkRedirect(request *http.Request, via []*http.Request) error {
	target := originOf(request.URL)
	if target != originOf(c.base) {
		return &RedirectError{Target: target, Why: "the key goes to no other origin; set the API's URL if it has moved"}
	}
	if len(via) >= maxRedirects {
		return &RedirectError{Target: target, Why: fmt.Sprintf("it is the %dth in a row", maxRedirects)}
	}
	return nil
}

// originOf returns scheme, host and port. The port is written out where the URL
// leaves it to the scheme.
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// URL returns the URL of the list of runs.
func (c *Client) URL() string { return c.base.JoinPath(runsPath).String() }

// Proxy returns the proxy that requests go through, as HTTPS_PROXY and the like
// name it, but without its user and password. It is empty where there is none.
func (c *Client) Proxy() string {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: c.base})
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}

// CloseIdle closes the connections that are kept for reuse.
func (c *Client) CloseIdle() { c.connections.closeIdle() }
