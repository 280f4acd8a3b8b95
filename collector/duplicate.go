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

// checkProject refuses a project that an earlier key has read.
func (t *tracker) checkProject(slug string) error {
	for _, earlier := range t.earlier {
		if earlier.history.Project().Slug == slug {
			return &duplicateError{project: slug, key: earlier.key.Name}
		}
	}
	return nil
}

// resolveDuplicate turns a refresh that worked into a failed one where an earlier
// key read the same project only after it. It returns how the last refresh ended.
func (t *tracker) resolveDuplicate(duplicate error) result {
	t.mu.Lock()
	late := duplicate != nil && t.last.ended && t.last.err == nil
	if late {
		t.last.err = duplicate
	}
	last := t.last
	t.mu.Unlock()
	if late {
		t.logFailure(duplicate)
	}
	return last
}
