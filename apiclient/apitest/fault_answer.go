package apitest

import "net/http"

// Status answers with a status and, as the API's errors have it, a message.
func Status(code int, message string) Fault {
	return Fault{answer: func(a *answer) { *a = *errorAnswer(code, message) }}
}

// StatusRetryAfter answers with a status and a Retry-After header as given, in
// seconds, as a date, or wrong.
func StatusRetryAfter(code int, retryAfter string) Fault {
	return Fault{answer: func(a *answer) {
		*a = *errorAnswer(code, http.StatusText(code))
		a.header.Set("Retry-After", retryAfter)
	}}
}

// Redirect answers with a redirect.
func Redirect(code int, url string) Fault {
	return Fault{answer: func(a *answer) {
		*a = *newAnswer(code, "text/plain; charset=utf-8", nil)
		a.header.Set("Location", url)
	}}
}

// Body answers 200 with any body, such as HTML or broken JSON.
func Body(contentType string, body []byte) Fault {
	return Fault{answer: func(a *answer) { *a = *newAnswer(http.StatusOK, contentType, body) }}
}
