package apiclient

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// StatusError is an answer with another status than 200.
type StatusError struct {
	Code int
	// Message is the API's own, shortened and without the key.
	Message string
	// RetryAfter is how long the API asks to wait; 0 where it does not ask.
	RetryAfter time.Duration
	// AsksToWait is set where there is a Retry-After header, readable or not.
	AsksToWait bool
}

// RateLimited reports whether the API asks for fewer requests.
func (e *StatusError) RateLimited() bool {
	return e.Code == http.StatusTooManyRequests || (e.Code == http.StatusForbidden && e.AsksToWait)
}

// Error implements error.
func (e *StatusError) Error() string {
	text := "the API answered " + statusText(e.Code)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// RateLimitError says that the API asked for a longer pause than a session waits
// for. The client sends no request before Until, or before the longest wait of
// LongWaits has passed.
type RateLimitError struct {
	Until time.Time
}

// Error implements error.
func (e *RateLimitError) Error() string {
	return "the API asks to wait until " + e.Until.UTC().Format(time.RFC3339)
}

// ResponseError is an answer with status 200 that is not the documented JSON.
type ResponseError struct {
	Where string // a JSON key, or a place in the body
	HTML  bool   // it is a web page
	Err   error
}

// Error implements error.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("the API's answer is not the documented JSON: %s: %v", e.Where, e.Err)
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// RedirectError is a redirect that was not followed: it leads to another origin,
// which must not see the key, or there were too many in a row.
type RedirectError struct {
	Target string // scheme, host and port
	Why    string // what is wrong with it, and what to do
}

// Error implements error.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("refused a redirect to %s: %s", e.Target, e.Why)
}

// TimeoutError is a request that got no complete answer in time.
type TimeoutError struct {
	After   time.Duration // the time that the request had
	GaveWay bool          // to another request; it had less time than the timeout
}

// Error implements error.
func (e *TimeoutError) Error() string {
	text := fmt.Sprintf("no complete answer within %s", e.After)
	if e.GaveWay {
		text += ", when another request needed its place"
	}
	return text
}

// isA reports whether err is of type T or wraps an error that is.
func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
