package apiclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/tidwall/gjson"
)

// This file holds what the answers of the two analytics endpoints have in common:
// a list of entries and a summary, of which each can be wrong by itself.

// RefusedEntry is a part of an analytics answer that cannot be trusted. It is
// left out; the rest stands.
type RefusedEntry struct {
	Where  string // the JSON key, such as data.test_cases[3]
	Detail string // for people: what is wrong with it
}

// maxEntries is the most entries of an analytics answer: 500 can be asked for, and
// millions of tiny ones would fill the memory.
const maxEntries = 10_000

// entryList holds the entries of an analytics answer, which are decoded one by one
// later. nil is null or absent.
type entryList []field

// UnmarshalJSON implements json.Unmarshaler. Its error for too many entries is a
// *ResponseError.
func (l *entryList) UnmarshalJSON(raw []byte) error {
	list := gjson.ParseBytes(raw)
	if list.Type == gjson.Null {
		return nil
	}
	if !list.IsArray() {
		return json.Unmarshal(raw, (*[]field)(l)) // which says what it is instead
	}
	*l = entryList{}
	list.ForEach(func(_, entry gjson.Result) bool {
		*l = append(*l, field(entry.Raw))
		return len(*l) <= maxEntries
	})
	if len(*l) > maxEntries {
		return &ResponseError{Where: "data", Err: fmt.Errorf("more than %d entries", maxEntries)}
	}
	return nil
}

// decodeAnalytics decodes the data of an analytics answer into doc. Its error is a
// *ResponseError.
func decodeAnalytics(body []byte, doc any) error {
	err := json.Unmarshal(body, doc)
	if err == nil || isA[*ResponseError](err) {
		return err
	}
	return &ResponseError{Where: position(err, body), Err: err}
}

// decodeEntries decodes each entry of a list, and refuses those that decode does
// not like.
func decodeEntries[T any](key string, list entryList, decode func(entry field) (T, error)) (good []T, refused []RefusedEntry) {
	good = make([]T, 0, len(list))
	for i, raw := range list {
		entry, err := decode(raw)
		if err != nil {
			refused = append(refused, RefusedEntry{Where: key + "[" + strconv.Itoa(i) + "]", Detail: err.Error()})
			continue
		}
		good = append(good, entry)
	}
	return good, refused
}

// object splits an object into its fields, by their JSON keys. null is no object.
func (f field) object() (fields map[string]field, err error) {
	if err := json.Unmarshal([]byte(f), &fields); err != nil || f == "null" {
		return nil, errors.New("it is not an object")
	}
	return fields, nil
}

// count is a key of an object, and the count to be read from its value.
type count struct {
	key string
	to  *Count
}

func decodeCountFields(fields map[string]field, counts ...count) error {
	for _, c := range counts {
		n, known, ok := fields[c.key].integer()
		if !ok || n < 0 || n > maxCount {
			return fmt.Errorf("%s is negative or not a whole number", c.key)
		}
		*c.to = Count{N: n, Known: known}
	}
	return nil
}

// textValue is a key of an object, and the text to be read from its value.
type textValue struct {
	key string
	to  *string
}

func decodeTextFields(fields map[string]field, texts ...textValue) error {
	for _, t := range texts {
		text, ok := fields[t.key].text()
		if !ok {
			return fmt.Errorf("%s is not a text", t.key)
		}
		*t.to = text
	}
	return nil
}
