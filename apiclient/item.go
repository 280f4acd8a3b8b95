package apiclient

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// item is one item of a page, its values not yet looked at.
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
	EnvironmentName          field
	BuildURL                 field
	BuildBranch              field
	Commit                   field
	ErrorCode                field
	CreatedAt                field
}

// splitItem takes an item apart, which is valid JSON already: the page is. Items
// are most of what is read, and gjson is several times faster here than
// decoding each of them anew.
func splitItem(raw json.RawMessage) (it item, ok bool) {
	parsed := gjson.ParseBytes(raw)
	if !parsed.IsObject() {
		return it, false
	}
	parsed.ForEach(func(key, value gjson.Result) bool {
		if to := it.field(key.String()); to != nil {
			*to = fieldOf(value.Raw)
		}
		return true
	})
	return it, true
}

// field returns where the value of a key belongs, nil for a key of no interest.
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
	case "environment_name":
		return &it.EnvironmentName
	case "build_url":
		return &it.BuildURL
	case "build_branch":
		return &it.BuildBranch
	case "commit":
		return &it.Commit
	case "error_code":
		return &it.ErrorCode
	case "created_at":
		return &it.CreatedAt
	default:
		return nil
	}
}
