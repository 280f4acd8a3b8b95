package apiclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strings"

	"github.com/tidwall/gjson"
)

// seed makes fingerprints, which are compared only within one process.
var seed = maphash.MakeSeed()

// envelope is an answer whose items are not decoded yet.
type envelope struct {
	Data *struct {
		Project *struct {
			ID       field `json:"id"`
			Name     field `json:"name"`
			Slug     field `json:"slug"`
			RepoName field `json:"repo_name"`
		} `json:"project"`
		TestRuns *struct {
			Items *itemList `json:"items"`
		} `json:"test_runs"`
	} `json:"data"`
	Pagination json.RawMessage `json:"pagination"`
}

// maxItems is the most items of one page: it was asked for no more than
// MaxPerPage, and millions of tiny ones would fill the memory.
const maxItems = 1000

// itemList splits the items of a page, which are decoded one by one later.
type itemList []string

// UnmarshalJSON implements json.Unmarshaler. Its error for too many items is a
// *ResponseError.
func (l *itemList) UnmarshalJSON(raw []byte) error {
	list := gjson.ParseBytes(raw)
	if !list.IsArray() {
		return json.Unmarshal(raw, (*[]string)(l)) // which says what it is instead
	}
	*l = itemList{}
	list.ForEach(func(_, item gjson.Result) bool {
		*l = append(*l, item.Raw)
		return len(*l) <= maxItems
	})
	if len(*l) > maxItems {
		return &ResponseError{Where: "data.test_runs.items", Err: fmt.Errorf("more than %d items on one page", maxItems)}
	}
	return nil
}

// decodePage reads the documented answer. Its error is a *ResponseError.
func decodePage(body []byte) (*Page, error) {
	var doc envelope
	if err := json.Unmarshal(body, &doc); err != nil {
		if tooLong, ok := errors.AsType[*ResponseError](err); ok {
			return nil, tooLong
		}
		return nil, &ResponseError{Where: position(err, body), Err: err}
	}
	switch {
	case doc.Data == nil:
		return nil, missing("data")
	case doc.Data.Project == nil:
		return nil, missing("data.project")
	case doc.Data.TestRuns == nil:
		return nil, missing("data.test_runs")
	case doc.Data.TestRuns.Items == nil:
		return nil, missing("data.test_runs.items")
	}
	page := &Page{pagination: decodePagination(doc.Pagination), raw: *doc.Data.TestRuns.Items}
	var err error
	p := doc.Data.Project
	if page.Project, err = decodeProject(p.ID, p.Slug, p.Name, p.RepoName); err != nil {
		return nil, err
	}
	decodeItems(page, page.raw)
	return page, nil
}

// decodeItems sorts the items into those that can be trusted and the others.
func decodeItems(page *Page, items itemList) {
	var all maphash.Hash
	all.SetSeed(seed)
	page.Runs = make([]Run, 0, len(items))
	for _, raw := range items {
		run, refusal := decodeRun(raw)
		if refusal != nil {
			refusal.Fingerprint = maphash.String(seed, raw)
			page.Refused = append(page.Refused, *refusal)
			maphash.WriteComparable(&all, refusal.Fingerprint)
			continue
		}
		page.Runs = append(page.Runs, run)
		maphash.WriteComparable(&all, run.ID)
	}
	page.fingerprint = all.Sum64()
}

// decodeProject reads data.project, which must have a slug.
func decodeProject(id, slug, name, repo field) (Project, error) {
	var p Project
	var ok bool
	if p.Slug, ok = slug.text(); !ok || p.Slug == "" {
		return p, missing("data.project.slug")
	}
	// The other keys only describe the project. A wrong type is no reason to lose
	// the runs.
	p.ID, _, _ = id.integer()
	p.Name, _ = name.text()
	p.RepoName, _ = repo.text()
	return p, nil
}

// decodePagination never fails, because the pagination is only a hint.
func decodePagination(raw json.RawMessage) pagination {
	var doc struct {
		Total      field `json:"total"`
		TotalPages field `json:"total_pages"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &doc) != nil {
		return pagination{}
	}
	number := func(f field) (int, bool) {
		n, known, ok := f.integer()
		return int(n), known && ok && n >= 0 && n <= math.MaxInt32
	}
	total, totalKnown := number(doc.Total)
	totalPages, pagesKnown := number(doc.TotalPages)
	if !totalKnown || !pagesKnown {
		return pagination{}
	}
	return pagination{total: total, totalPages: totalPages, known: true}
}

// decodeRun decodes one item, or says why it cannot be trusted.
func decodeRun(raw string) (Run, *Refusal) {
	it, ok := splitItem(raw)
	if !ok {
		return Run{}, &Refusal{Reason: RefusedMalformed, Detail: "the item is not an object"}
	}
	var run Run
	id, known, ok := it.ID.integer()
	if !known || !ok || id <= 0 {
		return Run{}, &Refusal{Reason: RefusedID, Detail: "id is missing or not a positive whole number"}
	}
	run.ID = id
	for _, decode := range []func(*item, *Run) *Refusal{decodeTimes, decodeTexts, decodeErrorCode, decodeCounts, decodeDuration} {
		if refusal := decode(&it, &run); refusal != nil {
			refusal.ID = id
			return Run{}, refusal
		}
	}
	return run, nil
}

func decodeTimes(it *item, run *Run) *Refusal {
	text, ok := it.CreatedAt.text()
	created, err := parseTime(text)
	if !ok || err != nil {
		return &Refusal{Reason: RefusedCreatedAt, Detail: "created_at is missing or not a time in RFC 3339 with its zone"}
	}
	run.CreatedAt = created
	text, ok = it.StartedAt.text()
	if !ok {
		return &Refusal{Reason: RefusedMalformed, Detail: "run_started_at is not a text"}
	}
	if started, err := parseTime(text); err == nil {
		run.StartedAt = started
	}
	return nil
}

func decodeTexts(it *item, run *Run) *Refusal {
	var state string
	for _, v := range []struct {
		key  string
		to   *string
		from field
	}{
		{"state", &state, it.State},
		{"test_run_branch", &run.Branch, it.Branch},
		{"environment_slug", &run.EnvironmentSlug, it.EnvironmentSlug},
		{"build_branch", &run.BuildBranch, it.BuildBranch},
		{"commit", &run.Commit, it.Commit},
	} {
		text, ok := v.from.text()
		if !ok {
			return &Refusal{Reason: RefusedMalformed, Detail: v.key + " is not a text"}
		}
		*v.to = text
	}
	run.State = State(state)
	return nil
}

// decodeErrorCode takes the text under error_code, or else what findCode found.
func decodeErrorCode(it *item, run *Run) *Refusal {
	run.ErrorCode = it.code
	if strings.HasPrefix(string(it.ErrorCode), "{") {
		return nil // findCode has looked into it
	}
	text, ok := it.ErrorCode.text()
	if !ok {
		return &Refusal{Reason: RefusedMalformed, Detail: "error_code is not a text"}
	}
	if text != "" {
		run.ErrorCode = ErrorCode(text)
	}
	return nil
}

// maxCount is 2^53: up to it, a float64 and so a sample holds every whole number.
const maxCount = 1 << 53

func decodeCounts(it *item, run *Run) *Refusal {
	for _, v := range []struct {
		key  string
		to   *Count
		from field
	}{
		{"total_count", &run.TotalCount, it.TotalCount},
		{"success_count", &run.SuccessCount, it.SuccessCount},
		{"failed_count", &run.FailedCount, it.FailedCount},
		{"skipped_count", &run.SkippedCount, it.SkippedCount},
		{"flaky_count", &run.FlakyCount, it.FlakyCount},
		{"failed_count_after_snoozing", &run.FailedCountAfterSnoozing, it.FailedCountAfterSnoozing},
	} {
		n, known, ok := v.from.integer()
		if !ok || n < 0 || n > maxCount {
			return &Refusal{Reason: RefusedCount, Detail: v.key + " is negative or not a whole number"}
		}
		*v.to = Count{N: n, Known: known}
	}
	return nil
}

// maxDuration is 292 years in milliseconds.
const maxDuration = math.MaxInt64 / 1e6

func decodeDuration(it *item, run *Run) *Refusal {
	n, known, ok := it.Duration.number()
	if !ok || n < 0 || n > maxDuration {
		return &Refusal{Reason: RefusedDuration, Detail: "duration is negative or not a number"}
	}
	run.Duration, run.HasDuration = n, known
	return nil
}

func missing(key string) error {
	return &ResponseError{Where: key, Err: errors.New("missing or empty")}
}

// position returns where in the body the decoding stopped.
func position(err error, body []byte) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("byte %d of %d", syntax.Offset, len(body))
	}
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrongType.Field != "" {
		return wrongType.Field
	}
	return "the start of the answer"
}
