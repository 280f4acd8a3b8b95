package collector

import "sync"

// claims tell which key serves a project, of several that belong to it: the one
// that stands first on the command line, whichever answers first.
type claims struct {
	names []string // of the keys, as configured

	mu    sync.Mutex
	slugs []string // by key; empty while unknown
}

func newClaims(names []string) *claims {
	return &claims{names: names, slugs: make([]string, len(names))}
}

// claim notes the project of a key. The error, a *duplicateError, names the key
// that serves it already.
func (c *claims) claim(key int, slug string) error {
	c.mu.Lock()
	c.slugs[key] = slug
	c.mu.Unlock()
	return c.holder(key)
}

// holder returns a *duplicateError where an earlier key is of the same project.
func (c *claims) holder(key int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	slug := c.slugs[key]
	for earlier := range key {
		if slug != "" && c.slugs[earlier] == slug {
			return &duplicateError{project: slug, key: c.names[earlier]}
		}
	}
	return nil
}
