package main

import (
	"io"
	"net/http"
	"testing"
)

// get asks for a page, with headers as name, value, name, value….
func get(t *testing.T, url string, headers ...string) (code int, body string) {
	t.Helper()
	code, body, _ = answer(t, http.MethodGet, url, headers...)
	return code, body
}

// answer returns all of an answer. It may be called from any goroutine.
func answer(t *testing.T, method, url string, headers ...string) (code int, body string, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Error(err)
		return 0, "", nil
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		t.Error(err)
		return 0, "", nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text), response.Header
}
