package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is the answer to a request before it is sent.
type answer struct {
	status int // 0 where no status is sent
	header http.Header
	body   []byte
	send   func(http.ResponseWriter, *http.Request, *answer)
}

func newAnswer(status int, contentType string, body []byte) *answer {
	return &answer{
		status: status,
		header: http.Header{"Content-Type": {contentType}},
		body:   body,
		send:   sendComplete,
	}
}

// errorAnswer is an answer with an error message. Its form is an assumption,
// because the reference page shows no error.
func errorAnswer(status int, message string) *answer {
	var doc struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	doc.Error.Message = message
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return newAnswer(status, "application/json", body)
}

// begin sends the status and the headers. length is that of the complete body.
func (a *answer) begin(w http.ResponseWriter, length int64) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(a.status)
}

// sendComplete sends the answer without a fault.
func sendComplete(w http.ResponseWriter, _ *http.Request, a *answer) {
	a.begin(w, int64(len(a.body)))
	_, _ = w.Write(a.body) // the client may have disconnected
}

// pageAnswer is an answer with a page of the list, in the form of the reference page.
func (p *Project) pageAnswer(q query, runs []Run, total int, withState bool) *answer {
	p.mu.RLock()
	project, err := json.Marshal(struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Slug     string `json:"slug"`
		RepoName string `json:"repo_name"`
	}{p.id, p.name, p.slug, p.repoName})
	p.mu.RUnlock()
	if err != nil {
		panic(err) // strings and numbers always have a JSON form
	}
	var body bytes.Buffer
	body.Grow(len(project) + 256 + len(runs)*512)
	body.WriteString(`{"data":{"project":`)
	body.Write(project)
	body.WriteString(`,"test_runs":{"items":[`)
	for i := range runs {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(appendItem(body.AvailableBuffer(), &runs[i], withState))
	}
	fmt.Fprintf(&body, `]}},"pagination":{"page":%d,"per_page":%d,"total":%d,"total_pages":%d}}`,
		q.page, q.perPage, total, (int64(total)+q.perPage-1)/q.perPage)
	return newAnswer(http.StatusOK, "application/json", body.Bytes())
}
