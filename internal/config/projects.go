package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

// Projects are the projects to be read, with their keys. They follow the
// configuration file and the directories of keys. They are safe for concurrent use.
type Projects struct {
	config   *Config
	exporter Exporter
	logger   log.Logger

	mu       sync.Mutex
	sources  []*source
	found    []foundKey
	clients  map[string]client // by name
	keys     []collector.Key
	problems []string // that were logged

	text    []byte // of the configuration file, as it was last taken over
	reload  collector.Reload
	failure string // why it was not taken over; empty where it was
}

// Exporter is what reads the projects.
type Exporter interface {
	SetKeys(keys []collector.Key)
	SetReload(r collector.Reload)
}

// foundKey is a key that was found at a source.
type foundKey struct {
	name, file string
	source     *source
}

// at says where the key was found.
func (k foundKey) at() string {
	if k.source.dir == "" {
		return k.source.at
	}
	return fmt.Sprintf("%s: file %q", k.source.at, k.file)
}

// client is the client of a key, which stays as long as the key does.
type client struct {
	*apiclient.Client

	file      string
	projectID int64
}

// Projects finds the projects at the start. An error says what is wrong with the
// flags, the environment or a file.
func (c *Config) Projects(fromEnvironment string) (*Projects, error) {
	p := &Projects{config: c, logger: log.NewNopLogger(), clients: map[string]client{}}
	if err := p.findSources(fromEnvironment); err != nil {
		return nil, err
	}
	found, err := p.findAll(p.sources)
	if err != nil {
		return nil, err
	}
	if _, err := apiclient.New(c.api.url, apiclient.KeyText("", "")); err != nil {
		return nil, fmt.Errorf("--api.url: %w", err)
	}
	p.take(found)
	return p, nil
}

func (p *Projects) findSources(fromEnvironment string) (err error) {
	switch c := p.config; {
	case c.file != "" && c.hasKeyFlags():
		return errors.New("--config.file stands beside --api.key-file or --api.key-dir; name all keys in the file, with key_file and key_dir")
	case c.file != "":
		if p.text, err = readConfigFile(c.file); err == nil {
			p.sources, err = parseFile(c.file, p.text)
		}
	case c.hasKeyFlags():
		p.sources, err = c.flagSources()
	default:
		p.sources, err = environmentSource(fromEnvironment)
	}
	return err
}

// Keys returns the keys of the projects.
func (p *Projects) Keys() []collector.Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys
}

// findAll returns the keys of sources that nothing is wrong with.
func (p *Projects) findAll(sources []*source) ([]foundKey, error) {
	found, problems := p.find(sources)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return found, nil
}

// find returns the keys of some sources, each name once, and what is wrong. Of two
// keys with one name the one that was there before stays, else the first.
func (p *Projects) find(sources []*source) (found []foundKey, problems []error) {
	index := map[string]int{}
	add := func(k foundKey) {
		i, taken := index[k.name]
		if !taken {
			index[k.name] = len(found)
			found = append(found, k)
			return
		}
		kept, dropped := found[i], k
		if held, ok := p.clients[k.name]; ok && held.file == k.file {
			kept, dropped = k, found[i]
			found[i] = k
		}
		problems = append(problems, fmt.Errorf("%s: the name %q is that of %s already; %s", dropped.at(), k.name, kept.at(), dropped.source.advice))
	}
	for _, s := range sources {
		if s.dir == "" {
			add(foundKey{s.name, s.file, s})
			continue
		}
		names, err := keyFiles(s.dir)
		if err == nil {
			s.listed = names
		} else {
			problems = append(problems, fmt.Errorf("%s: directory %q: %w", s.at, s.dir, err))
		}
		for _, file := range s.listed {
			k := foundKey{stem(file), filepath.Join(s.dir, file), s}
			if err := checkName(k.name); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w; rename the file", k.at(), err))
				continue
			}
			add(k)
		}
	}
	return found, problems
}

// take makes the keys of what was found. A client stays as long as it reads the
// same file for the same project.
func (p *Projects) take(found []foundKey) {
	clients := map[string]client{}
	p.found, p.keys = found, nil
	for _, k := range found {
		id := k.source.settings.projectID
		held, ok := p.clients[k.name]
		if !ok || held.file != k.file || held.projectID != id {
			held = client{p.config.newClient(k, id), k.file, id}
		}
		clients[k.name] = held
		p.keys = append(p.keys, collector.Key{Name: k.name, Client: held.Client, Settings: k.source.settings.Settings})
	}
	p.clients = clients
}

// newClient returns the client of a key. The URL of the API was checked at the start.
func (c *Config) newClient(k foundKey, projectID int64) *apiclient.Client {
	key := k.source.key
	if key == nil {
		key = apiclient.KeyFile(k.file)
	}
	client, err := apiclient.New(c.api.url, key,
		apiclient.WithTimeout(c.api.timeout),
		apiclient.WithConcurrency(c.api.concurrency),
		apiclient.WithMaxRate(c.api.maxRate),
		apiclient.WithUserAgent(c.api.userAgent),
		apiclient.WithProjectID(projectID))
	if err != nil {
		panic(err)
	}
	return client
}

// Follow lets an exporter, which has the keys already, follow the changes that
// Check and Reload find.
func (p *Projects) Follow(exporter Exporter, logger log.Logger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exporter, p.logger = exporter, logger
	if p.config.file != "" {
		p.succeed()
	}
	for _, s := range p.sources {
		if s.dir != "" && len(s.listed) == 0 {
			_ = level.Warn(logger).Log("msg", "no key file is in the directory yet; one that appears is read at the next scrape", "directory", s.dir)
		}
	}
}

// Check looks for changes of the configuration file and of the directories. It
// logs what is new.
func (p *Projects) Check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config.file != "" {
		_ = p.readFile(false)
	}
	p.findAgain()
}

// Reload reads the configuration file, whether it has changed or not. Its error
// says why the file is not taken over.
func (p *Projects) Reload() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config.file == "" {
		return nil
	}
	return p.readFile(true)
}

// findAgain looks into the directories again.
func (p *Projects) findAgain() {
	found, problems := p.find(p.sources)
	var logged []string
	for _, problem := range problems {
		logged = append(logged, problem.Error())
		if !slices.Contains(p.problems, problem.Error()) {
			_ = level.Error(p.logger).Log("msg", "some keys are left as they were", "err", problem)
		}
	}
	p.problems = logged
	p.use(found)
}

// use gives the exporter the keys that were found, if they are others.
func (p *Projects) use(found []foundKey) {
	if !slices.Equal(found, p.found) {
		p.take(found)
		p.exporter.SetKeys(p.keys)
	}
}

// readFile takes over the configuration file. What is wrong with it is logged
// where that is new, or where somebody asked for a reload.
func (p *Projects) readFile(asked bool) error {
	text, err := readConfigFile(p.config.file)
	if err == nil && !asked && p.failure == "" && bytes.Equal(text, p.text) {
		return nil
	}
	var sources []*source
	if err == nil {
		sources, err = parseFile(p.config.file, text)
	}
	var found []foundKey
	if err == nil {
		found, err = p.findAll(sources)
	}
	if err != nil {
		p.fail(err, asked)
		return err
	}
	p.text, p.sources = text, sources
	p.use(found)
	p.succeed()
	_ = level.Info(p.logger).Log("msg", "the configuration file is taken over", "file", p.config.file, "keys", len(p.keys))
	return nil
}

func (p *Projects) fail(err error, asked bool) {
	if asked || err.Error() != p.failure {
		_ = level.Error(p.logger).Log("msg", "the configuration file is not taken over; what ran before goes on", "err", err)
	}
	p.failure = err.Error()
	p.reload.OK = false
	p.exporter.SetReload(p.reload)
}

func (p *Projects) succeed() {
	p.failure = ""
	p.reload = collector.Reload{OK: true, Succeeded: time.Now()}
	p.exporter.SetReload(p.reload)
}

// maxConfigFile bounds the configuration file, in bytes. A project has some 200.
const maxConfigFile = 4 << 20

func readConfigFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		if bad, ok := errors.AsType[*os.PathError](err); ok {
			err = bad.Err
		}
		return nil, fmt.Errorf("--config.file %q: %w; name a file that the exporter may read", path, err)
	}
	if len(text) > maxConfigFile {
		return nil, fmt.Errorf("--config.file %q: longer than %d MiB", path, maxConfigFile>>20)
	}
	return text, nil
}
