package apiclient

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// field is one value of an item, kept as it came, so that a wrong type costs
// that item alone and not the whole page. Empty means null or absent.
type field []byte

// UnmarshalJSON implements json.Unmarshaler.
func (f *field) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*f = nil
		return nil
	}
	*f = append((*f)[:0], raw...)
	return nil
}

// text returns a JSON string; null and absent are the empty text.
func (f field) text() (text string, ok bool) {
	if len(f) == 0 {
		return "", true
	}
	if f[0] != '"' {
		return "", false
	}
	if plain := f[1 : len(f)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), true // most are, and decoding them again costs a third of a page
	}
	return text, json.Unmarshal(f, &text) == nil
}

// number returns a number or a numeric string.
func (f field) number() (n float64, known, ok bool) {
	digits, known, ok := f.digits()
	if !known || !ok {
		return 0, known, ok
	}
	n, err := strconv.ParseFloat(digits, 64)
	return n, true, err == nil
}

// integer returns a whole number, which may be spelled as 5.0 or 5e1.
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

// digits returns the text of a number as JSON spells it, taken out of a string
// where it stands in one.
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
