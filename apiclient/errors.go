package apiclient

import (
	"fmt"
	"net/http"
	"time"
)

// StatusError is an answer with a status that is not 200.
type StatusError struct {
	Code int
	// Message is the API's own, shortened, with the key taken out.
	Message string
	// RetryAfter is how long the API asks to wait; 0 where it does not say.
	RetryAfter time.Duration
}

// Error implements error.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("the API answered %d %s", e.Code, http.StatusText(e.Code))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// temporary tells whether the same request may succeed later.
func (e *StatusError) temporary() bool {
	switch e.Code {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// RateLimitError says that the API asked for a wait that is too long to sit
// out. No request leaves the client before Until.
type RateLimitError struct {
	Until time.Time
}

// Error implements error.
func (e *RateLimitError) Error() string {
	return "the API asks to wait until " + e.Until.UTC().Format(time.RFC3339)
}

// ResponseError is an answer with status 200 that is not the documented JSON.
type ResponseError struct {
	Where string // a key, or a place in the body
	Err   error
}

// Error implements error.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("the API's answer is not the documented JSON: %s: %v", e.Where, e.Err)
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// RedirectError is a redirect that was not followed: it leads away from the
// origin that the key is for, or in a circle.
type RedirectError struct {
	Target string // scheme, host and port
	Why    string
}

// Error implements error.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("refused a redirect to %s: %s", e.Target, e.Why)
}

// TimeoutError is a request that was not answered in time.
type TimeoutError struct {
	After time.Duration
}

// Error implements error.
func (e *TimeoutError) Error() string { return fmt.Sprintf("no complete answer within %s", e.After) }
