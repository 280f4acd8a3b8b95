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
	var (
		status    *apiclient.StatusError
		limit     *apiclient.RateLimitError
		key       *apiclient.KeyError
		response  *apiclient.ResponseError
		redirect  *apiclient.RedirectError
		timeout   *apiclient.TimeoutError
		duplicate *duplicateError
	)
	switch {
	case errors.As(err, &status):
		return reasonOfStatus(status.Code)
	case errors.As(err, &limit):
		return reasonRateLimited
	case errors.As(err, &key):
		return reasonUnauthorized
	case errors.As(err, &response):
		return reasonResponse
	case errors.As(err, &redirect):
		return reasonRequest
	case errors.As(err, &timeout):
		return reasonTimeout
	case errors.As(err, &duplicate):
		return reasonDuplicateProject
	default:
		return reasonNetwork
	}
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
