package collector

import (
	"errors"
	"net/http"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// reason says why a refresh failed.
type reason string

const (
	reasonUnauthorized     reason = "unauthorized"
	reasonRateLimited      reason = "rate_limited"
	reasonTimeout          reason = "timeout"
	reasonNetwork          reason = "network"
	reasonServer           reason = "server"
	reasonRequest          reason = "request"
	reasonResponse         reason = "response"
	reasonDuplicateProject reason = "duplicate_project"
)

var reasons = []reason{
	reasonUnauthorized, reasonRateLimited, reasonTimeout, reasonNetwork,
	reasonServer, reasonRequest, reasonResponse, reasonDuplicateProject,
}

// reasonOf classifies the error that a refresh ended with.
func reasonOf(err error) reason {
	if status, ok := errors.AsType[*apiclient.StatusError](err); ok {
		return reasonOfStatus(status.Code)
	}
	switch {
	case is[*apiclient.RateLimitError](err):
		return reasonRateLimited
	case is[*apiclient.KeyError](err):
		return reasonUnauthorized
	case is[*apiclient.ResponseError](err):
		return reasonResponse
	case is[*apiclient.RedirectError](err):
		return reasonRequest
	case is[*apiclient.TimeoutError](err), is[*slowError](err):
		return reasonTimeout
	case is[*duplicateError](err):
		return reasonDuplicateProject
	default:
		return reasonNetwork
	}
}

// is reports whether an error, or one that it wraps, is of type T.
func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func reasonOfStatus(code int) reason {
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return reasonUnauthorized
	case code == http.StatusTooManyRequests:
		return reasonRateLimited
	case code >= http.StatusInternalServerError:
		return reasonServer
	case code < http.StatusMultipleChoices:
		return reasonResponse // a success that brings no page
	default:
		return reasonRequest
	}
}

// adviceOn says what to do about the error that a refresh ended with.
func adviceOn(err error) string {
	if is[*slowError](err) {
		return slowAdvice
	}
	return reasonOf(err).advice()
}

// advice says what to do about a failure that does not pass by itself.
func (r reason) advice() string {
	switch r {
	case reasonUnauthorized:
		return "put a valid key of the project where this one is read from; it is read again at the next refresh"
	case reasonDuplicateProject:
		return "take one of the two keys off the command line, or put a key of another project there"
	case reasonRequest:
		return "check the URL of the API"
	default:
		return "none is needed if it passes"
	}
}
