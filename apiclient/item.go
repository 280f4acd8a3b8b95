package apiclient

import (
	"strings"

	"github.com/tidwall/gjson"
)

// item holds the values of one item of a page, not decoded yet.
type item struct {
	ID                       field
	State                    field
	TotalCount               field
	SuccessCount             field
	FailedCount              field
	SkippedCount             field
	FlakyCount               field
	FailedCountAfterSnoozing field
	Duration                 field
	Branch                   field
	EnvironmentSlug          field
	BuildBranch              field
	Commit                   field
	ErrorCode                field
	CreatedAt                field
	StartedAt                field

	// code is a documented error code that stands under another key.
	code ErrorCode
}

// splitItem splits an item into its values. It must be valid JSON, as the page
// around it is. ok is false where it is not an object. Items are most of an
// answer, and gjson splits them several times faster than encoding/json.
func splitItem(raw string) (it item, ok bool) {
	parsed := gjson.Parse(raw)
	if !parsed.IsObject() {
		return it, false
	}
	parsed.ForEach(func(key, value gjson.Result) bool {
		if to := it.field(key.String()); to != nil {
			*to = fieldOf(value.Raw)
		}
		if it.code == "" {
			it.code = findCode(key.String(), value)
		}
		return true
	})
	return it, true
}

// field returns the field for a JSON key, nil where nobody needs the key.
func (it *item) field(key string) *field { //nolint:gocyclo // it is a table
	switch key {
	case "id":
		return &it.ID
	case "state":
		return &it.State
	case "total_count":
		return &it.TotalCount
	case "success_count":
		return &it.SuccessCount
	case "failed_count":
		return &it.FailedCount
	case "skipped_count":
		return &it.SkippedCount
	case "flaky_count":
		return &it.FlakyCount
	case "failed_count_after_snoozing":
		return &it.FailedCountAfterSnoozing
	case "duration":
		return &it.Duration
	case "test_run_branch":
		return &it.Branch
	case "environment_slug":
		return &it.EnvironmentSlug
	case "build_branch":
		return &it.BuildBranch
	case "commit":
		return &it.Commit
	case "error_code":
		return &it.ErrorCode
	case "created_at":
		return &it.CreatedAt
	case "run_started_at":
		return &it.StartedAt
	default:
		return nil
	}
}

// findCode finds a documented error code in a value of an item, or in the values
// of an object that is one. The reference page does not say under which key it
// stands. Keys that are known to hold something else are passed over: a branch
// may be called merge_conflict.
func findCode(key string, value gjson.Result) (found ErrorCode) {
	if value.IsObject() && !holdsNoCode(key) {
		value.ForEach(func(key, value gjson.Result) bool {
			found = codeUnder(key.String(), value)
			return found == ""
		})
		return found
	}
	return codeUnder(key, value)
}

func codeUnder(key string, value gjson.Result) ErrorCode {
	if value.Type != gjson.String {
		return ""
	}
	for _, code := range errorCodes {
		if value.Str == string(code) && !holdsNoCode(key) {
			return code
		}
	}
	return ""
}

// holdsNoCode reports whether a key is of a branch, an environment, a build, a
// commit, a project, a name, variables or metadata.
func holdsNoCode(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"branch", "environment", "build", "commit", "project", "name", "variable", "metadata"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}
