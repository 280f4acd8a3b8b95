package collector_test

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// itemFaults are about one item that cannot be trusted, or only looks so.
func itemFaults() []fault {
	var faults []fault
	for _, i := range []struct{ what, key, raw, refused string }{
		{"no id", "id", "", "id"},
		{"id 0", "id", "0", "id"},
		{"a text for an id", "id", `"abc"`, "id"},
		{"an id beyond 64 bits", "id", "18446744073709551616", "id"},
		{"no created_at", "created_at", "", "created_at"},
		{"an unreadable created_at", "created_at", `"yesterday"`, "created_at"},
		{"a number for created_at", "created_at", "1780315200", "created_at"},
		{"a created_at two days ahead", "created_at", `"2026-06-03T12:02:00Z"`, "created_at"},
		{"a negative count", "failed_count", "-1", "count"},
		{"an enormous count", "total_count", "1e300", "count"},
		{"half a test", "success_count", "0.5", "count"},
		{"a list for a count", "skipped_count", "[1]", "count"},
		{"a negative duration", "duration", "-1", "duration"},
		{"an enormous duration", "duration", "1e300", "duration"},
		{"a word for a duration", "duration", `"long"`, "duration"},
		{"a number for a branch", "test_run_branch", "7", "malformed"},
		{"an object for a commit", "commit", "{}", "malformed"},
		{"a number for an error code", "error_code", "3", "malformed"},
		{"a created_at without a zone", "created_at", `"2026-06-01T11:30:00"`, "created_at"},
		{"a number for its start", "run_started_at", "1780315200", "malformed"},
	} {
		faults = append(faults, fault{
			what: "lists a run with " + i.what, inject: addsOdd(i.key, i.raw, true),
			refused: i.refused, says: "left out.*reason=" + i.refused + " .*detail=",
		})
	}
	for _, i := range []struct{ what, key, raw string }{
		{"its id as a text", "id", `"5000"`},
		{"counts as texts", "total_count", `"10"`},
		{"a count written 1e1", "total_count", "1e1"},
		{"null for a text", "build_branch", "null"},
		{"keys that nobody knows", "shiny", `{"new":[1,2]}`},
		{"a created_at in another time zone", "created_at", `"2026-06-01T13:30:00+02:00"`},
		{"a created_at with a blank and a short offset", "created_at", `"2026-06-01 13:30:00+02"`},
		{"an unreadable start", "run_started_at", `"soon"`},
	} {
		faults = append(faults, fault{what: "lists a run with " + i.what, inject: addsOdd(i.key, i.raw, false)})
	}
	return append(faults, otherItemFaults()...)
}

// otherItemFaults are those that are about more than one key of an item.
func otherItemFaults() []fault {
	return []fault{
		{
			what: "lists no run with a created_at that can be read", inject: answers(editItems(func(item map[string]any) { item["created_at"] = "soon" })),
			reason: "response", refused: "created_at", most: true, says: "items cannot be trusted, more than the others; .* created_at",
		},
		{what: "lists null among the runs", inject: addsItem(nil), refused: "malformed", says: "left out.*reason=malformed "},
		{what: "lists a text among the runs", inject: addsItem("run"), refused: "malformed", says: "left out.*reason=malformed "},
		{what: "lists a list among the runs", inject: addsItem([]any{}), refused: "malformed", says: "left out.*reason=malformed "},
		{
			what: "lists a run so that it can no longer be read, and then again as before", inject: func(tb *testbed) func() {
				newest := tb.project.Runs()[0]
				tb.unreadable(newest)
				tb.hidden = newest.ID
				return func() {
					tb.hidden = 0
					tb.project.Update(newest.ID, func(r *apitest.Run) { r.Extra = nil })
				}
			}, refused: "created_at", says: "left out.*reason=created_at ",
		},
		{what: "lists a run in an unknown state", inject: func(tb *testbed) func() {
			id := tb.project.Add(apitest.Run{State: "hibernating", Branch: new("main")})
			return func() { tb.project.Update(id, endFailed) }
		}},
		{what: "lists a run created an hour ahead", inject: func(tb *testbed) func() {
			tb.project.Add(apitest.Run{State: "queued", CreatedAt: tb.clock.Now().Add(time.Hour)})
			return func() {}
		}},
	}
}

// oddID is the id of the run that addsOdd adds.
const oddID = 5000

// addsOdd adds an ended run to the project, with one key as given; empty is
// none. Where that makes it untrusted, it must not be shown before it is mended.
func addsOdd(key, raw string, untrusted bool) func(*testbed) func() {
	return func(tb *testbed) func() {
		var value json.RawMessage // nil takes the key away
		if raw != "" {
			value = json.RawMessage(raw)
		}
		run := apitest.Run{
			ID: oddID, State: "ended", Branch: new("main"), CreatedAt: newTestClock().Now().Add(-30 * time.Minute),
			TotalCount: new(int64(10)), SuccessCount: new(int64(10)), Duration: new(int64(1000)),
			Extra: map[string]json.RawMessage{key: value},
		}
		tb.project.Add(run)
		if untrusted {
			tb.hidden = oddID
		}
		return func() {
			tb.hidden = 0
			tb.project.Update(run.ID, func(r *apitest.Run) { r.Extra = nil })
		}
	}
}

// addsItem puts something before the runs of every page.
func addsItem(item any) func(*testbed) func() {
	return answers(apitest.EditBody(func(doc map[string]any) {
		runs := doc["data"].(map[string]any)["test_runs"].(map[string]any)
		runs["items"] = slices.Concat([]any{item}, runs["items"].([]any))
	}))
}

// editItems changes every item of every page.
func editItems(edit func(item map[string]any)) apitest.Fault {
	return apitest.EditBody(func(doc map[string]any) {
		for _, item := range doc["data"].(map[string]any)["test_runs"].(map[string]any)["items"].([]any) {
			edit(item.(map[string]any))
		}
	})
}
