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
	"time"
	"unicode"
)

// Attempt tells of one HTTP request, retries being attempts of their own.
type Attempt struct {
	Status   int // 0 where no answer came
	Duration time.Duration
}

// maxBody bounds an answer after decompression; a page of 100 runs has some 50 KB.
const maxBody = 16 << 20

// attempt sends one request and reads its answer, within timeout.
func (s *Session) attempt(ctx context.Context, q Query, timeout time.Duration) (*Page, error) {
	body, err := s.exchange(ctx, q, timeout)
	if err != nil {
		return nil, err
	}
	return decodePage(body)
}

func (s *Session) exchange(ctx context.Context, q Query, timeout time.Duration) ([]byte, error) {
	leave, err := s.client.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	key, err := s.client.key.Read()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	status, body, err := s.client.get(within, q, key)
	s.observe(Attempt{Status: status, Duration: time.Since(began)})
	var answered *StatusError
	switch {
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &answered):
		return nil, err // though its message may have taken too long
	case within.Err() != nil:
		return nil, &TimeoutError{After: timeout}
	default:
		return nil, err
	}
}

// get returns the body of a 200; any other answer is an error. Status is 0
// where none came.
func (c *Client) get(ctx context.Context, q Query, key string) (status int, body []byte, err error) {
	u := *c.endpoint
	u.RawQuery = q.values().Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	response, err := c.http.Do(request)
	if err != nil {
		return refusedStatus(response), nil, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, nil, c.statusError(response, key)
	}
	body, err = readBody(response)
	return response.StatusCode, body, err
}

// refusedStatus is the status of a redirect that was not followed.
func refusedStatus(response *http.Response) int {
	if response == nil {
		return 0
	}
	return response.StatusCode
}

// withoutURL takes off what net/http puts around an error: the URL may hold
// what a redirect put there.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}

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
	}
	return body.Bytes(), nil
}

func (c *Client) statusError(response *http.Response, key string) error {
	const most = 64 << 10
	// What could not be read of an error's text is not worth another error.
	text, _ := io.ReadAll(io.LimitReader(response.Body, most))
	return &StatusError{
		Code:       response.StatusCode,
		Message:    errorMessage(string(text), key),
		RetryAfter: retryAfter(response.Header.Get("Retry-After"), c.clock.Now()),
	}
}

// errorMessage finds the message in the body of an error, whose form is not
// documented: {"error": {"message": …}}, {"error": …}, {"message": …}, or text.
// The key is taken out of the message, not of the body, where JSON may spell it
// with escapes.
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
			_ = json.Unmarshal(doc.Error, &message) // stays the body where error is no text
		}
	}
	return oneLine(strings.ReplaceAll(message, key, "[key]"))
}

// oneLine makes a text of unknown origin fit for a log line.
func oneLine(text string) string {
	const most = 200
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	runes := []rune(strings.Join(words, " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// retryAfter reads both forms of the header: seconds, and a date. 0 is none.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxPause/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
