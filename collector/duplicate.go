package collector

import "fmt"

// duplicateError says that an earlier key is of the same project: the key that
// stands first on the command line serves it, whichever answers first.
type duplicateError struct{ project, key string }

func (e *duplicateError) Error() string {
	return fmt.Sprintf("project %q belongs to the key %q, which stands first", e.project, e.key)
}

// holders are the projects that keys have read, each with the name of the first
// key that has, in the order of the command line.
type holders map[string]string

// claim notes the project of a key's history, and tells where it is an earlier key's.
func (h holders) claim(slug, key string) error {
	if slug == "" {
		return nil
	}
	if first, held := h[slug]; held {
		return &duplicateError{project: slug, key: first}
	}
	h[slug] = key
	return nil
}

// checkProject refuses a project that an earlier key has read.
func (t *tracker) checkProject(slug string) error {
	for _, earlier := range t.earlier {
		if project, _ := earlier.history.standing(); project.Slug == slug {
			return &duplicateError{project: slug, key: earlier.key.Name}
		}
	}
	return nil
}

// settle turns a refresh that worked into a failed one where an earlier key read
// the same project only after it.
func (t *tracker) settle(duplicate error) result {
	t.mu.Lock()
	late := duplicate != nil && t.last.ended && t.last.err == nil
	if late {
		t.last.err = duplicate
	}
	last := t.last
	t.mu.Unlock()
	if late {
		t.tellFailure(duplicate)
	}
	return last
}
