package collector

import (
	"cmp"
	"slices"
	"strings"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// maxCodes is the most undocumented error codes of a key that become label values.
const maxCodes = 20

// documentedCodes are the error codes of the API's reference page and unknown.
var documentedCodes = func() []string {
	codes := []string{history.UnknownCode}
	for _, code := range apiclient.ErrorCodes() {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	return codes
}()

func documented(code string) bool { return slices.Contains(documentedCodes, code) }

// shownCodes are the undocumented error codes of a key that are shown as they are.
type shownCodes map[string]bool

// mostFrequent returns the most frequent of some undocumented codes, whose
// errored runs were counted.
func mostFrequent(runs map[string]int) shownCodes {
	names := make([]string, 0, len(runs))
	for name := range runs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(runs[b], runs[a]), strings.Compare(a, b))
	})
	shown := shownCodes{}
	for _, name := range names[:min(maxCodes, len(names))] {
		shown[name] = true
	}
	return shown
}

// label returns the label value of an error code, which is empty where the code is.
func (c shownCodes) label(code string) string {
	if code == "" || documented(code) || c[code] {
		return code
	}
	return history.UnknownCode
}
