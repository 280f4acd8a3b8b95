package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Attempt describes one HTTP request. A retry is an attempt of its own.
type Attempt struct {
	Status   int // of the answer; 0 where none came
	Duration time.Duration

	// What follows is of the answer, and zero where none came.

	Proto      string // such as HTTP/2.0
	TLSVersion uint16 // as package tls numbers them; 0 without TLS
	Header     http.Header
}

// maxBody bounds an answer, in bytes after decompression. A page of 100 runs has
// some 50 KB.
const maxBody = 16 << 20

// paths of the API, below its base URL.
const (
	runsPath      = "api/test-runs"
	testCasesPath = "api/v2/analytics/test-cases"
	dailyRunsPath = "api/v2/analytics/test-runs"
)

// fetch asks a path of the API, with retries, and decodes the body of the answer.
func fetch[T any](ctx context.Context, s *Session, path string, parameters url.Values, decode func(body []byte) (T, error)) (answer T, err error) {
	err = s.retry(ctx, path, func(timeout time.Duration) error {
		body, err := s.exchange(ctx, path, parameters, timeout)
		if err == nil {
			answer, err = decode(body)
		}
		return err
	})
	return answer, err
}

// exchange waits for the limits, then sends one request and returns the body of
// its answer. timeout bounds the two, and not the wait.
func (s *Session) exchange(ctx context.Context, path string, parameters url.Values, timeout time.Duration) ([]byte, error) {
	release, err := s.acquire(ctx, path)
	if err != nil {
		return nil, err
	}
	defer release()
	key, err := s.client.key.Read()
	if err != nil {
		return nil, err
	}
	s.try(true)
	defer s.try(false)
	reqCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var gaveWay atomic.Bool
	if s.background {
		go s.client.inFlight.giveWay(reqCtx, s.client.grace(), func() { gaveWay.Store(true); cancel() })
	}
	connections := s.client.connections.take()
	defer s.client.connections.give(connections)
	start := time.Now()
	attempt, body, err := s.client.get(reqCtx, connections.Client, path, parameters, key)
	attempt.Duration = time.Since(start)
	s.observe(attempt)
	switch {
	case err == nil:
		s.client.usual.Store(int64(attempt.Duration))
	case ctx.Err() != nil:
		err = ctx.Err()
	case isA[*StatusError](err) || isA[*ProxyError](err):
		// The status is there, even where the rest of the answer took too long.
	case gaveWay.Load():
		err = &TimeoutError{After: attempt.Duration.Round(time.Millisecond), GaveWay: true}
	case reqCtx.Err() != nil:
		s.client.connections.timedOut(connections)
		err = &TimeoutError{After: timeout}
	}
	return body, err
}

// grace is how long a request of a background session may take while others wait:
// far longer than requests take now, so that only one that hangs is ended.
func (c *Client) grace() time.Duration {
	return max(c.giveWayTime, 4*time.Duration(c.usual.Load()))
}

// get returns the body of a 200. Any other answer is an error. The attempt lacks
// its duration.
func (c *Client) get(ctx context.Context, httpClient *http.Client, path string, parameters url.Values, key string) (attempt Attempt, body []byte, err error) {
	u := c.base.JoinPath(path)
	u.RawQuery = parameters.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Attempt{}, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	if c.projectID != 0 {
		request.Header.Set("X-Project-Id", strconv.FormatInt(c.projectID, 10))
	}
	response, err := httpClient.Do(request)
	if err != nil {
		return attemptOf(response), nil, c.connectionError(withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return attemptOf(response), nil, c.statusError(response, key)
	}
	body, err = readBody(response)
	return attemptOf(response), body, err
}

// attemptOf describes the attempt that an answer ended. It can be nil, or come
// beside an error of the HTTP client, as a redirect does that was not followed.
func attemptOf(response *http.Response) Attempt {
	if response == nil {
		return Attempt{}
	}
	attempt := Attempt{Status: response.StatusCode, Proto: response.Proto, Header: response.Header}
	if response.TLS != nil {
		attempt.TLSVersion = response.TLS.Version
	}
	return attempt
}

// withoutURL removes the URL that net/http adds to an error: a redirect may have
// put a secret there.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// readBody reads an answer with status 200.
func readBody(response *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if n := response.ContentLength; n > 0 && n <= maxBody {
		body.Grow(int(n) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, maxBody+1))
	switch {
	case body.Len() > maxBody:
		return nil, &ResponseError{Where: "the body", Err: fmt.Errorf("longer than %d MiB", maxBody>>20)}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &ResponseError{Where: fmt.Sprintf("byte %d", body.Len()), Err: errors.New("the body is cut short")}
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case isHTML(body.Bytes()):
		return nil, &ResponseError{Where: "the body", HTML: true, Err: errors.New("a web page")}
	}
	return body.Bytes(), nil
}

// isHTML reports whether a body is a web page, or another document in XML. No JSON
// begins like that.
func isHTML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n"), []byte("<"))
}

// statusError describes an answer with another status than 200. A 407 is the
// proxy's, and an answer to plain HTTP on a port for TLS is the server's.
func (c *Client) statusError(response *http.Response, key string) error {
	const most = 64 << 10
	// A message that breaks off is still worth showing, and the status is known.
	text, _ := io.ReadAll(io.LimitReader(response.Body, most))
	header := response.Header.Get("Retry-After")
	status := &StatusError{
		Code:       response.StatusCode,
		Message:    errorMessage(string(text), key),
		RetryAfter: retryAfter(header, c.clock.Now()),
		AsksToWait: header != "",
	}
	switch {
	case status.Code == http.StatusProxyAuthRequired:
		return c.proxyError(status.Code, nil)
	case isPlainHTTP(status):
		return &TLSError{status}
	}
	return status
}

// errorMessage finds the message in the body of an error. The form is not
// documented, so these are tried: {"message": …}, {"error": {"message": …}},
// {"error": …}, and then the body itself. The key is removed from the message
// and not from the body, where JSON may spell it with escapes.
func errorMessage(body, key string) string {
	var doc struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	message := body
	if json.Unmarshal([]byte(body), &doc) == nil {
		var inner struct {
			Message string `json:"message"`
		}
		switch {
		case doc.Message != "":
			message = doc.Message
		case json.Unmarshal(doc.Error, &inner) == nil && inner.Message != "":
			message = inner.Message
		default:
			_ = json.Unmarshal(doc.Error, &message) // leaves the body where "error" is not a string
		}
	}
	return oneLine(strings.ReplaceAll(message, key, "[key]"))
}

// oneLine makes any text one short printable line, for the log.
func oneLine(text string) string {
	const most = 200
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	runes := []rune(strings.Join(words, " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
