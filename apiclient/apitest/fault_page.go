package apitest

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// SamePage answers a query for any page with the first page.
func SamePage() Fault { return Fault{query: func(q *query) { q.page = 1 }} }

// CapPerPage gives no more than n items on a page, whatever is asked for.
func CapPerPage(n int) Fault {
	return Fault{query: func(q *query) { q.perPage = min(q.perPage, int64(n)) }}
}

// IgnoreID answers a look-up as if it had no id.
func IgnoreID() Fault { return Fault{query: func(q *query) { q.id = 0 }} }

// Reversed lists the oldest run first.
func Reversed() Fault { return Fault{query: func(q *query) { q.oldestFirst = true }} }

// Shuffled changes the order of the items of a page.
func Shuffled() Fault {
	return editItems(func(items []any) []any {
		shuffled := make([]any, 0, len(items))
		for _, from := range []int{1, 0} {
			for i := from; i < len(items); i += 2 {
				shuffled = append(shuffled, items[i])
			}
		}
		return shuffled
	})
}

// Duplicates repeats each item of a page.
func Duplicates() Fault {
	return editItems(func(items []any) []any {
		twice := make([]any, 0, 2*len(items))
		for _, item := range items {
			twice = append(twice, item, item)
		}
		return twice
	})
}

// NoPagination leaves `pagination` out.
func NoPagination() Fault {
	return EditBody(func(doc map[string]any) { delete(doc, "pagination") })
}

// TotalPages sets the number of pages in the pagination.
func TotalPages(n int) Fault { return editPagination("total_pages", n) }

// Total sets the number of runs in the pagination.
func Total(n int) Fault { return editPagination("total", n) }

func editPagination(key string, n int) Fault {
	return EditBody(func(doc map[string]any) {
		if pagination, ok := doc["pagination"].(map[string]any); ok {
			pagination[key] = n
		}
	})
}

// EditBody changes the JSON of a page. Numbers are json.Number. Only answers with
// status 200 are changed.
func EditBody(edit func(doc map[string]any)) Fault { return Fault{document: edit} }

// EditItem changes the JSON of each item of a page. Numbers are json.Number.
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

// EditTestCases changes the list of tests of an analytics answer. Numbers are
// json.Number.
func EditTestCases(edit func(tests []any) []any) Fault { return editList("test_cases", edit) }

// EditDays changes the list of days of an analytics answer. Numbers are json.Number.
func EditDays(edit func(days []any) []any) Fault { return editList("daily", edit) }

func editList(key string, edit func([]any) []any) Fault {
	return EditBody(func(doc map[string]any) {
		data, _ := doc["data"].(map[string]any)
		if list, ok := data[key].([]any); ok {
			data[key] = edit(list)
		}
	})
}

// editItems changes the list of items, unless an earlier fault has removed it.
func editItems(edit func(items []any) []any) Fault {
	return EditBody(func(doc map[string]any) {
		data, _ := doc["data"].(map[string]any)
		testRuns, _ := data["test_runs"].(map[string]any)
		if items, ok := testRuns["items"].([]any); ok {
			testRuns["items"] = edit(items)
		}
	})
}

// editDocument applies the faults that change the JSON of the answer.
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
					"apitest: a fault cannot edit the page, because the Extra of a run is not JSON: "+err.Error())
			}
		}
		f.document(doc)
	}
	if doc == nil {
		return a
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return errorAnswer(http.StatusInternalServerError, "apitest: the edits of a fault have no JSON form: "+err.Error())
	}
	return newAnswer(http.StatusOK, "application/json", body)
}
