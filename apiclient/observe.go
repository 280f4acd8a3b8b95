package apiclient

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// ObservedPage is one page as the API sent it, for those who look at the API
// itself and not only at its runs.
type ObservedPage struct {
	Query Query // that the page answers
	Page  *Page
	// Items are all items of the page, in the API's order.
	Items []ObservedItem
}

// ObservedItem is one item of a page.
type ObservedItem struct {
	// Run is what the item was decoded to. Where it was refused, only the ID is set,
	// if it has one.
	Run     Run
	Refusal *Refusal // nil where the item was taken
	// Keys are the keys of the item, without those of objects in it.
	Keys []string
	// CodeKey is the key under which the error code of the run stands, written
	// outer.inner where that is an object in the item. It is empty where there is none.
	CodeKey string
}

// ObservePages has observe called with every page, from several goroutines at once.
func ObservePages(observe func(ObservedPage)) SessionOption {
	return func(s *Session) { s.observePage = observe }
}

// observed describes a page whose items have not been let go of yet.
func observed(q Query, page *Page) ObservedPage {
	items := make([]ObservedItem, len(page.raw))
	for i, raw := range page.raw {
		items[i] = observeItem(raw)
	}
	return ObservedPage{Query: q, Page: page, Items: items}
}

func observeItem(raw string) ObservedItem {
	var o ObservedItem
	if o.Run, o.Refusal = decodeRun(raw); o.Refusal != nil {
		o.Run.ID = o.Refusal.ID
	}
	gjson.Parse(raw).ForEach(func(key, value gjson.Result) bool {
		o.Keys = append(o.Keys, strings.Clone(key.String()))
		if found := codeKey(key.String(), value); found != "" && (o.CodeKey == "" || found == errorCodeKey) {
			o.CodeKey = found
		}
		return true
	})
	return o
}

// errorCodeKey is where an error code is looked for first.
const errorCodeKey = "error_code"

// codeKey returns the key of the error code in a value of an item, empty where
// there is none: as decodeErrorCode and findCode find it.
func codeKey(key string, value gjson.Result) (found string) {
	if key == errorCodeKey && value.Type == gjson.String && value.Str != "" || codeUnder(key, value) != "" {
		return strings.Clone(key)
	}
	if findCode(key, value) == "" {
		return ""
	}
	value.ForEach(func(inner, value gjson.Result) bool {
		if codeUnder(inner.String(), value) != "" {
			found = key + "." + inner.String()
		}
		return found == ""
	})
	return found
}

// documentedKeys are the keys of an item on the reference page.
var documentedKeys = []string{
	"id", "total_count", "success_count", "failed_count", "skipped_count", "flaky_count", "duration",
	"test_run_branch", "environment_slug", "environment_name", "build_url", "build_branch", "commit", "created_at",
}

// DocumentedKeys returns the keys of an item on the reference page.
func DocumentedKeys() []string { return slices.Clone(documentedKeys) }

// KnownKey reports whether a key of an item is documented, or read all the same.
func KnownKey(key string) bool {
	var it item
	return slices.Contains(documentedKeys, key) || it.field(key) != nil
}
