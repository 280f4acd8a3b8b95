package apitest

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// EditBody changes a page as JSON values, numbers being json.Number. Only
// answers with status 200 are edited.
func EditBody(edit func(doc map[string]any)) Fault { return Fault{document: edit} }

// EditItem changes each item of a page as JSON values, numbers being json.Number.
func EditItem(edit func(item map[string]any)) Fault {
	return editItems(func(items []any) []any {
		for _, item := range items {
			if object, ok := item.(map[string]any); ok {
				edit(object)
			}
		}
		return items
	})
}

// editItems changes the list of items, where an earlier fault left one.
func editItems(edit func(items []any) []any) Fault {
	return EditBody(func(doc map[string]any) {
		data, _ := doc["data"].(map[string]any)
		testRuns, _ := data["test_runs"].(map[string]any)
		if items, ok := testRuns["items"].([]any); ok {
			testRuns["items"] = edit(items)
		}
	})
}

// editDocument applies the faults that edit the page.
func editDocument(a *answer, faults []Fault) *answer {
	var doc map[string]any
	for _, f := range faults {
		if f.document == nil {
			continue
		}
		if doc == nil {
			decoder := json.NewDecoder(bytes.NewReader(a.body))
			decoder.UseNumber()
			if err := decoder.Decode(&doc); err != nil {
				return errorAnswer(http.StatusInternalServerError,
					"apitest: a fault edits a page that some run's Extra makes unreadable: "+err.Error())
			}
		}
		f.document(doc)
	}
	if doc == nil {
		return a
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return errorAnswer(http.StatusInternalServerError, "apitest: a fault left what has no JSON form: "+err.Error())
	}
	return newAnswer(http.StatusOK, "application/json", body)
}
