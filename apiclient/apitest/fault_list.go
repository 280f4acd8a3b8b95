package apitest

// SamePage answers every page with the first.
func SamePage() Fault { return Fault{query: func(q *query) { q.page = 1 }} }

// IgnoreID answers a look-up as though it had no id.
func IgnoreID() Fault { return Fault{query: func(q *query) { q.id = 0 }} }

// Reversed lists the oldest run first.
func Reversed() Fault { return Fault{query: func(q *query) { q.oldestFirst = true }} }

// Shuffled gives the items of a page in another order.
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

// Duplicates gives each item of a page twice.
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

// TotalPages makes the pagination claim a number of pages.
func TotalPages(n int) Fault { return editPagination("total_pages", n) }

// Total makes the pagination claim a number of runs.
func Total(n int) Fault { return editPagination("total", n) }

func editPagination(key string, n int) Fault {
	return EditBody(func(doc map[string]any) {
		if pagination, ok := doc["pagination"].(map[string]any); ok {
			pagination[key] = n
		}
	})
}
