package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
)

const (
	// KeyVariable is the environment variable that Empirical's own examples
	// keep the key in.
	KeyVariable    = "EMPIRICALRUN_KEY"
	defaultKeyName = "default"
)

// Keys returns the API keys: those of the key files, or else the one of the
// environment. Each is read once, so that a missing one is an error.
func (c *Config) Keys(fromEnvironment string) ([]collector.Key, error) {
	sources, err := keySources(c.api.keyFiles, fromEnvironment)
	if err != nil {
		return nil, err
	}
	keys := make([]collector.Key, 0, len(sources))
	for _, source := range sources {
		if _, err := source.key.Read(); err != nil {
			return nil, err
		}
		client, err := apiclient.New(c.api.url, source.key,
			apiclient.WithTimeout(c.api.timeout),
			apiclient.WithConcurrency(c.api.concurrency),
			apiclient.WithMaxRate(c.api.maxRate),
			apiclient.WithUserAgent(c.api.userAgent))
		if err != nil {
			return nil, fmt.Errorf("--api.url: %w", err)
		}
		keys = append(keys, collector.Key{Name: source.name, Client: client})
	}
	return keys, nil
}

// keySource says where the key of a name is read from.
type keySource struct {
	name string
	key  apiclient.Key
}

func keySources(files []string, fromEnvironment string) ([]keySource, error) {
	if len(files) == 0 {
		if fromEnvironment == "" {
			return nil, errors.New("no API key; put it in a file and name that with --api.key-file, or set $" + KeyVariable)
		}
		return []keySource{{defaultKeyName, apiclient.KeyText(fromEnvironment, "$"+KeyVariable)}}, nil
	}
	var sources []keySource
	seen := map[string]string{}
	for _, file := range files {
		name, path, err := splitKeyFile(file)
		if err != nil {
			return nil, &ValueError{"api.key-file", file, err}
		}
		if other, ok := seen[name]; ok {
			return nil, fmt.Errorf("--api.key-file %q: the name %q is that of %q already; give each key a name of its own, as NAME=PATH", file, name, other)
		}
		seen[name] = file
		sources = append(sources, keySource{name, apiclient.KeyFile(path)})
	}
	return sources, nil
}

// splitKeyFile reads [NAME=]PATH. What stands before the first = is a name only
// where it holds no path separator.
func splitKeyFile(text string) (name, path string, err error) {
	name, path, named := strings.Cut(text, "=")
	if !named || strings.ContainsAny(name, "/"+string(filepath.Separator)) {
		path = text
		name = filepath.Base(path)
		if stem := strings.TrimSuffix(name, filepath.Ext(name)); stem != "" {
			name = stem
		}
	}
	switch {
	case path == "":
		return "", "", errors.New("no path; write it as PATH or NAME=PATH")
	case name == "":
		return "", "", errors.New("no name before the =; write it as PATH or NAME=PATH")
	case !utf8.ValidString(name):
		return "", "", errors.New("the name is not UTF-8, as a label's value must be; write it as NAME=PATH")
	}
	return name, path, nil
}
