package testcases

import (
	"errors"
	"net/http"

	"github.com/go-kit/log/level"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// log logs how a reading ended: the first that fails, once, and the one that works
// again. The caller holds the lock.
func (r *Reader) log(err error, refused []apiclient.RefusedEntry) {
	switch {
	case err != nil && r.failed:
		_ = level.Debug(r.logger).Log("msg", "the tests still cannot be read", "err", err)
	case err != nil:
		_ = level.Warn(r.logger).Log("msg", "the tests cannot be read; their metrics are not updated until a reading works, the runs' metrics are",
			"err", err, "next_reading_in", r.config.Interval, "advice", advice(err))
	case r.failed:
		_ = level.Info(r.logger).Log("msg", "the tests are up to date again")
	}
	if len(refused) > 0 && !r.refused {
		_ = level.Warn(r.logger).Log("msg", "tests left out because they cannot be trusted", "entries", len(refused),
			"for_example", refused[0].Where, "detail", refused[0].Detail)
	}
}

// advice says what to do about a failure.
func advice(err error) string {
	if status, ok := errors.AsType[*apiclient.StatusError](err); ok {
		switch status.Code {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			return "this key may read no analytics of tests where this does not pass; --tests.top=0 then ends the asking"
		case http.StatusPaymentRequired:
			return "the API asks for payment"
		}
	}
	return "none is needed if it passes; --tests.top=0 ends the asking"
}
