package apiclient

import (
	"errors"
	"io"
	"testing"
	"time"
)

func TestErrors_Text(t *testing.T) {
	for want, err := range map[string]error{
		"the API answered 503 Service Unavailable":               &StatusError{Code: 503},
		"the API answered 404 Not Found: no such run":            &StatusError{Code: 404, Message: "no such run"},
		"the API asks to wait until 2026-11-23T12:00:00Z":        &RateLimitError{Until: newFakeClock().now},
		"the API's answer is not the documented JSON: data: EOF": &ResponseError{Where: "data", Err: io.EOF},
		"refused a redirect to http://a:80: it leads astray":     &RedirectError{Target: "http://a:80", Why: "it leads astray"},
		"no complete answer within 30s":                          &TimeoutError{After: 30 * time.Second},
		"API key from file /key: EOF":                            &KeyError{Origin: "file /key", Err: io.EOF},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%T says %q, want %q", err, got, want)
		}
		if hasCause := isA[*ResponseError](err) || isA[*KeyError](err); errors.Is(err, io.EOF) != hasCause {
			t.Errorf("%T wraps its cause: %t, want %t", err, !hasCause, hasCause)
		}
	}
}
