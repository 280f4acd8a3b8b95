package collector

import (
	"fmt"

	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// duplicateError says that an earlier key is of the same project: the key that
// stands first serves it, whichever answers first.
type duplicateError struct{ project, key string }

func (e *duplicateError) Error() string {
	return fmt.Sprintf("project %q belongs to the key %q, which stands first", e.project, e.key)
}

// owners are the label values of the projects that are shown, each with the name
// of the first key that shows it: two slugs that become one label value would
// write the same series. Keys are checked in their order.
type owners map[string]string

// check returns a *duplicateError where an earlier key shows the project, and
// else notes the key as its owner. A key whose snapshot is no longer fresh owns
// nothing, so that a dead one does not block a good one behind it.
func (o owners) check(slug, key string, fresh bool) error {
	if slug == "" {
		return nil
	}
	project := history.LabelValue(slug)
	if first, taken := o[project]; taken {
		return &duplicateError{project: slug, key: first}
	}
	if fresh {
		o[project] = key
	}
	return nil
}

// owner returns the name of the key that shows the project, empty where none does.
func (o owners) owner(slug string) string { return o[history.LabelValue(slug)] }

// sameSeries reports whether two slugs become one label value.
func sameSeries(a, b string) bool { return history.LabelValue(a) == history.LabelValue(b) }
