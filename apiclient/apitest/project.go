package apitest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Project is one project of the API, with its key and its runs.
type Project struct {
	server *Server
	id     int64

	needsID atomic.Bool // a request must name the project

	mu           sync.RWMutex
	slug         string
	name         string
	repoName     string
	texts        *texts
	endedText    text
	index        *index
	lastID       int64
	environments []string // slugs; the id of an environment is its index + 1
	tests        []Test   // see SetTests
}

// AddProject adds a project that a bearer key opens. Its name and repository are
// made from the slug. It panics if another project has the key.
func (s *Server) AddProject(slug, key string) *Project {
	p := &Project{
		server: s, slug: slug, name: "Project " + slug, repoName: slug + "-tests",
		texts: newTexts(), index: newIndex(),
	}
	p.endedText = p.texts.keep(ended)
	s.mu.Lock()
	s.projects++
	p.id = s.projects
	s.mu.Unlock()
	p.AddKey(key)
	return p
}

// AddKey adds a key that opens the project. It panics if another project has it.
func (p *Project) AddKey(key string) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if other := p.server.keys[key]; other != nil && other != p {
		panic(fmt.Sprintf("apitest: another project has the key %q already; give each its own", key))
	}
	p.server.keys[key] = p
}

// SetKey replaces all keys of the project by one.
func (p *Project) SetKey(key string) {
	p.server.mu.Lock()
	for k, project := range p.server.keys {
		if project == p {
			delete(p.server.keys, k)
		}
	}
	p.server.mu.Unlock()
	p.AddKey(key)
}

// ID returns the number of the project, as its items have it.
func (p *Project) ID() int64 { return p.id }

// RequireID lets the project answer only requests that name it in the header
// X-Project-Id.
func (p *Project) RequireID() { p.needsID.Store(true) }

// SetSlug renames the project.
func (p *Project) SetSlug(slug string) { p.set(&p.slug, slug) }

// SetName sets the name of the project.
func (p *Project) SetName(name string) { p.set(&p.name, name) }

// SetRepoName sets the name of the test repository.
func (p *Project) SetRepoName(name string) { p.set(&p.repoName, name) }

func (p *Project) set(field *string, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*field = value
}

// Slug returns the project's slug.
func (p *Project) Slug() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.slug
}

// Add adds a run and returns its id. It panics if another run has the id.
func (p *Project) Add(run Run) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &record{}
	p.prepare(c, &run)
	p.index.add(c, p.endedText)
	return c.id
}

// AddAll adds many runs in any order. Runs without an id get one in the order of
// the slice. It is much faster than Add for many old runs.
func (p *Project) AddAll(runs []Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	records := make([]record, len(runs))
	for i := range runs {
		p.prepare(&records[i], &runs[i])
		p.index.byID[records[i].id] = &records[i]
	}
	p.index.addAll(records, p.endedText)
}

// prepare makes the record of a new run. The caller holds the lock.
func (p *Project) prepare(c *record, run *Run) {
	r := *run
	if r.CreatedAt.IsZero() {
		r.CreatedAt = p.server.clock()
	}
	if r.ID == 0 {
		r.ID = p.lastID + 1
	}
	if p.index.byID[r.ID] != nil {
		panic(fmt.Sprintf("apitest: project %s has a run %d already", p.slug, r.ID))
	}
	p.lastID = max(p.lastID, r.ID)
	p.addEnvironment(&r)
	c.pack(&r, p.texts)
}

func (p *Project) addEnvironment(r *Run) {
	if r.EnvironmentSlug != nil {
		p.environmentID(*r.EnvironmentSlug)
	}
}

// Update changes a run and reports whether there is one with this id. change is
// called under the project's lock, so it must not call the project. Update panics
// if change gives the run another id.
func (p *Project) Update(id int64, change func(*Run)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.index.byID[id]
	if c == nil {
		return false
	}
	run := c.unpack(p.texts)
	change(&run)
	if run.ID != id {
		panic(fmt.Sprintf("apitest: an update must not turn run %d into run %d", id, run.ID))
	}
	p.addEnvironment(&run)
	var changed record
	changed.pack(&run, p.texts)
	if changed.created == c.created && changed.state == c.state && changed.failed == c.failed {
		*c = changed // its position in the lists is the same
		return true
	}
	p.index.remove(c, p.endedText)
	*c = changed
	p.index.add(c, p.endedText)
	return true
}

// Delete removes a run and reports whether there was one with this id.
func (p *Project) Delete(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.index.byID[id]
	if c == nil {
		return false
	}
	p.index.remove(c, p.endedText)
	return true
}

// Run returns the run with an id, and whether there is one.
func (p *Project) Run(id int64) (Run, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c := p.index.byID[id]
	if c == nil {
		return Run{}, false
	}
	return c.unpack(p.texts), true
}

// Runs returns all runs, newest first: by creation time, then by id.
func (p *Project) Runs() []Run {
	p.mu.RLock()
	defer p.mu.RUnlock()
	runs := make([]Run, 0, len(p.index.all))
	for _, c := range slices.Backward(p.index.all) {
		runs = append(runs, c.unpack(p.texts))
	}
	return runs
}

// Len returns how many runs the project has.
func (p *Project) Len() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.index.all)
}

// EnvironmentID returns the id of an environment for the filter environment_ids.
// An environment that no run has yet gets one.
func (p *Project) EnvironmentID(slug string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.environmentID(slug)
}

func (p *Project) environmentID(slug string) int64 {
	i := slices.Index(p.environments, slug)
	if i < 0 {
		i = len(p.environments)
		p.environments = append(p.environments, slug)
	}
	return int64(i) + 1
}
