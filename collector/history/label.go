package history

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

const (
	// maxLabelValue is the most bytes of a label value that are shown as they are.
	maxLabelValue = 255
	// keptOfLabelValue is how many bytes at most are kept of a longer one.
	keptOfLabelValue = 240
)

// LabelValue makes a text of the API fit to be a label value. A byte that is not
// UTF-8, and U+FFFD, which PromQL cannot quote, become a question mark. Of a long
// text the beginning is kept, and a hash of the whole, so that two long names
// stay two.
func LabelValue(text string) string {
	value := text
	if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		// A range yields U+FFFD for each invalid byte too.
		value = strings.Map(func(r rune) rune {
			if r == utf8.RuneError {
				return '?'
			}
			return r
		}, text)
	}
	if len(value) <= maxLabelValue {
		return value
	}
	end := keptOfLabelValue
	for !utf8.RuneStart(value[end]) {
		end--
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(text)) // never fails
	return value[:end] + fmt.Sprintf("~%08x", hash.Sum32())
}
