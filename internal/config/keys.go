package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const (
	// KeyVariable is the environment variable that Empirical's own examples
	// keep the key in.
	KeyVariable    = "EMPIRICALRUN_KEY"
	defaultKeyName = "default"
)

// Keys returns the API keys: those that the flags or the configuration file name,
// or else the one of the environment.
func (c *Config) Keys(fromEnvironment string) ([]collector.Key, error) {
	projects, err := c.Projects(fromEnvironment)
	if err != nil {
		return nil, err
	}
	return projects.Keys(), nil
}

// source says where keys are read from: one key, or a directory of key files.
type source struct {
	at     string // where it is configured, for messages
	advice string // what to do where its name is another's too

	name string
	file string // empty for a directory and for the environment
	key  apiclient.Key

	dir    string
	listed []string // names of the files in it, as they were last read

	settings settings
}

// hasKeyFlags reports whether a flag names a key file or a directory.
func (c *Config) hasKeyFlags() bool { return len(c.api.keyFiles)+len(c.api.keyDirs) > 0 }

// environmentSource returns the source of the one key of the environment.
func environmentSource(text string) ([]*source, error) {
	if text == "" {
		return nil, errors.New("no API key; put it in a file and name that with --api.key-file, or set $" + KeyVariable)
	}
	key := apiclient.KeyText(text, "$"+KeyVariable)
	if _, err := key.Read(); err != nil {
		return nil, err
	}
	return []*source{{at: "$" + KeyVariable, name: defaultKeyName, key: key}}, nil
}

// flagSources returns those of --api.key-file and then those of --api.key-dir.
// Each key file is read once, so that a missing one is an error.
func (c *Config) flagSources() ([]*source, error) {
	const advice = "give each key a name of its own, as NAME=PATH"
	var all []*source
	for _, text := range c.api.keyFiles {
		name, path, err := splitKeyFile(text)
		if err != nil {
			return nil, &ValueError{"api.key-file", beginning(text), err}
		}
		if couldBeKey(path, path) {
			return nil, fmt.Errorf("--api.key-file %q: there is no such file; write it as PATH or NAME=PATH", beginning(text))
		}
		s := &source{at: fmt.Sprintf("--api.key-file %q", text), advice: advice, name: name, file: path, key: apiclient.KeyFile(path)}
		if _, err := s.key.Read(); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	for _, dir := range c.api.keyDirs {
		if couldBeKey(dir, dir) {
			return nil, fmt.Errorf("--api.key-dir %q: there is no such directory; write its path", beginning(dir))
		}
		all = append(all, &source{at: "--api.key-dir", advice: "give the files names of their own", dir: dir})
	}
	return all, nil
}

// splitKeyFile reads [NAME=]PATH. What stands before the first = is a name only
// where it holds no path separator.
func splitKeyFile(text string) (name, path string, err error) {
	name, path, named := strings.Cut(text, "=")
	if !named || strings.ContainsAny(name, separators) {
		path = text
		name = stem(path)
	}
	switch {
	case path == "":
		return "", "", errors.New("no path; write it as PATH or NAME=PATH")
	case name == "":
		return "", "", errors.New("no name before the =; write it as PATH or NAME=PATH")
	}
	if checkName(name) != nil { // whose error shows the name, which may be the key
		return "", "", errors.New("the name is no label value, which is 255 bytes of UTF-8 at most; write it as NAME=PATH")
	}
	return name, path, nil
}

const separators = "/" + string(filepath.Separator)

// couldBeKey reports whether a path, as it is written, could be an API key that
// was put in its place: it names no file and does not look like a path.
func couldBeKey(text, path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist) && !apiclient.LooksLikePath(text)
}

// beginning is what a message shows of a text that could be a key.
func beginning(text string) string {
	const kept = 4
	if runes := []rune(text); len(runes) > kept {
		return string(runes[:kept]) + "…"
	}
	return text
}
