package collector

import "fmt"

// duplicateError says that an earlier key is of the same project: the key that
// stands first on the command line serves it, whichever answers first.
type duplicateError struct{ project, key string }

func (e *duplicateError) Error() string {
	return fmt.Sprintf("project %q belongs to the key %q, which stands first", e.project, e.key)
}

// owners are the projects that keys have read, each with the name of the first
// key that has. Keys are added in the order of the command line.
type owners map[string]string

// add notes the project of a key. It returns a *duplicateError where the project
// is an earlier key's.
func (o owners) add(slug, key string) error {
	if slug == "" {
		return nil
	}
	if first, taken := o[slug]; taken {
		return &duplicateError{project: slug, key: first}
	}
	o[slug] = key
	return nil
}
