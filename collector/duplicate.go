package collector

import "fmt"

// duplicateError says that an earlier key is of the same project: the key that
// stands first on the command line serves it, whichever answers first.
type duplicateError struct{ project, key string }

func (e *duplicateError) Error() string {
	return fmt.Sprintf("project %q belongs to the key %q, which stands first", e.project, e.key)
}

// owners are the projects that are shown, each with the name of the first key
// that shows it. Keys are checked in the order of the command line.
type owners map[string]string

// check returns a *duplicateError where an earlier key shows the project, and
// else notes the key as its owner. A key whose snapshot is no longer fresh owns
// nothing, so that a dead one does not block a good one behind it.
func (o owners) check(slug, key string, fresh bool) error {
	if slug == "" {
		return nil
	}
	if first, taken := o[slug]; taken {
		return &duplicateError{project: slug, key: first}
	}
	if fresh {
		o[slug] = key
	}
	return nil
}
