package apiclient

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// field is one JSON value as the API sent it. It is decoded later, so that a
// wrong type costs one item and not the page. Empty means null or absent.
type field string

// UnmarshalJSON implements json.Unmarshaler.
func (f *field) UnmarshalJSON(raw []byte) error {
	*f = fieldOf(string(raw))
	return nil
}

func fieldOf(raw string) field {
	if raw == "null" {
		return ""
	}
	return field(raw)
}

// text decodes a string. null and absent are the empty text. ok is false for
// another type.
func (f field) text() (text string, ok bool) {
	if len(f) == 0 {
		return "", true
	}
	if f[0] != '"' {
		return "", false
	}
	if plain := string(f[1 : len(f)-1]); strings.IndexByte(plain, '\\') < 0 && utf8.ValidString(plain) {
		return strings.Clone(plain), true // a slice of the item would keep all of it in memory
	}
	return text, json.Unmarshal([]byte(f), &text) == nil
}

// number decodes a number, which may stand in a string. known is false for null
// and absent, ok for anything else that is not a number.
func (f field) number() (n float64, known, ok bool) {
	digits, known, ok := f.digits()
	if !known || !ok {
		return 0, known, ok
	}
	n, err := strconv.ParseFloat(digits, 64)
	return n, true, err == nil
}

// integer is like number for whole numbers, which may be written as 5.0 or 5e1.
func (f field) integer() (n int64, known, ok bool) {
	digits, known, ok := f.digits()
	if !known || !ok {
		return 0, known, ok
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return n, true, true
	}
	x, err := strconv.ParseFloat(digits, 64)
	if err != nil || x != math.Trunc(x) || math.Abs(x) > maxCount {
		return 0, true, false
	}
	return int64(x), true, true
}

// digits returns a number as JSON writes it, without the quotes of a string
// around it.
func (f field) digits() (digits string, known, ok bool) {
	if len(f) == 0 {
		return "", false, true
	}
	if f[0] != '"' {
		return string(f), true, f[0] == '-' || isDigit(f[0])
	}
	digits, ok = f.text()
	if !ok || digits == "" || (digits[0] != '-' && !isDigit(digits[0])) {
		return "", true, false
	}
	return digits, true, json.Valid([]byte(digits))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
