package collector

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/go-kit/log/level"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// reason says why a refresh failed.
type reason string

const (
	reasonUnauthorized     reason = "unauthorized"
	reasonRateLimited      reason = "rate_limited"
	reasonTimeout          reason = "timeout"
	reasonNetwork          reason = "network"
	reasonTLS              reason = "tls"
	reasonServer           reason = "server"
	reasonRequest          reason = "request"
	reasonResponse         reason = "response"
	reasonDuplicateProject reason = "duplicate_project"
)

var reasons = []reason{
	reasonUnauthorized, reasonRateLimited, reasonTimeout, reasonNetwork, reasonTLS,
	reasonServer, reasonRequest, reasonResponse, reasonDuplicateProject,
}

// reasonOf classifies the error that a refresh ended with.
func reasonOf(err error) reason {
	if status, ok := errors.AsType[*apiclient.StatusError](err); ok && !is[*apiclient.TLSError](err) {
		return reasonOfStatus(status)
	}
	switch {
	case is[*apiclient.TLSError](err):
		return reasonTLS
	case is[*apiclient.RateLimitError](err):
		return reasonRateLimited
	case is[*apiclient.KeyError](err):
		return reasonUnauthorized
	case is[*apiclient.ResponseError](err):
		return reasonResponse
	case is[*apiclient.RedirectError](err):
		return reasonRequest
	case is[*slowError](err):
		return reasonTimeout
	case is[*duplicateError](err):
		return reasonDuplicateProject
	case isTimeout(err) && !is[*net.DNSError](err) && !is[*apiclient.ProxyError](err):
		return reasonTimeout
	default:
		return reasonNetwork
	}
}

func reasonOfStatus(status *apiclient.StatusError) reason {
	switch code := status.Code; {
	case status.RateLimited():
		return reasonRateLimited
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return reasonUnauthorized
	case code >= http.StatusInternalServerError:
		return reasonServer
	case code < http.StatusMultipleChoices:
		return reasonResponse // a success that brings no page
	default:
		return reasonRequest
	}
}

// logRetrying says once in a refresh that its requests fail for now.
func (t *tracker) logRetrying(r apiclient.Retrying) {
	_ = level.Warn(t.logger).Log("msg", "requests fail; they are sent again", "key", t.name, "until", r.Until.UTC().Format(time.RFC3339),
		"reason", reasonOf(r.Err), "err", r.Err, "advice", adviceOn(r.Err))
}
