package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseYAML returns the one document of a file.
func parseYAML(path string, text []byte) (*yaml.Node, error) {
	r := yamlReader{path}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return nil, r.errorf(&yaml.Node{Line: 1}, "the file is empty; write a list of projects under projects:")
	case err != nil:
		return nil, r.syntaxError(err)
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		return nil, r.errorf(&more, "a second document; write all projects into the first")
	case !errors.Is(err, io.EOF):
		return nil, r.syntaxError(err)
	}
	return document.Content[0], nil
}

// yamlReader reads values out of a file. It shows none of them in errors but
// names: somebody may have written a key in place of its path.
type yamlReader struct{ file string }

// at says where a value stands.
func (r yamlReader) at(node *yaml.Node) string { return fmt.Sprintf("%s:%d", r.file, node.Line) }

func (r yamlReader) errorf(node *yaml.Node, format string, arguments ...any) error {
	return &fileError{r.at(node), fmt.Errorf(format, arguments...)}
}

// fileError says what is wrong in a file, and in which line.
type fileError struct {
	at  string
	err error
}

func (e *fileError) Error() string { return e.at + ": " + e.err.Error() }

func (e *fileError) Unwrap() error { return e.err }

var syntaxLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// syntaxError turns the library's "yaml: line 3: …" into "FILE:3: …".
func (r yamlReader) syntaxError(err error) error {
	text := err.Error()
	match := syntaxLine.FindStringSubmatch(text)
	place := r.file
	if match[1] != "" {
		place += ":" + match[1]
	}
	return &fileError{place, fmt.Errorf("not YAML (%s); check the indentation and the quotes", text[len(match[0]):])}
}

// mapping returns the values of a mapping by their keys, each of which is known
// and stands there once.
func (r yamlReader) mapping(node *yaml.Node, what string, known []string) (map[string]*yaml.Node, error) {
	node = resolve(node)
	if node.Kind != yaml.MappingNode {
		return nil, r.errorf(node, "%s must have keys and values; write %s: and a value", what, known[0])
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			return nil, r.errorf(key, "unknown key %sin %s; write one of %s", shownKey(key.Value), what, strings.Join(known, ", "))
		case values[key.Value] != nil:
			return nil, r.errorf(key, "%s stands twice in %s, first in line %d; write it once", key.Value, what, values[key.Value].Line)
		}
		values[key.Value] = resolve(value)
	}
	return values, nil
}

var plainKey = regexp.MustCompile(`^[A-Za-z_-]{1,30}$`)

// shownKey shows an unknown key where it cannot be an API key.
func shownKey(key string) string {
	if plainKey.MatchString(key) {
		return strconv.Quote(key) + " "
	}
	return ""
}

// resolve follows an alias to what it stands for. Its line is then that of the
// anchor, where the value is to be changed.
func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// text reads a string. YAML takes 17 or true for something else.
func (r yamlReader) text(node *yaml.Node, key string) (string, error) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!str" {
		return "", r.errorf(node, "%s must be a text; put it in quotes", key)
	}
	return node.Value, nil
}

// number reads a whole number from 1.
func (r yamlReader) number(node *yaml.Node, key string) (int64, error) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!int" {
		if n, err := strconv.ParseInt(node.Value, 10, 64); err == nil && n >= 1 {
			return n, nil
		}
	}
	return 0, r.errorf(node, "%s must be a whole number, 1 or more, without quotes", key)
}

// expression reads an anchored regular expression.
func (r yamlReader) expression(node *yaml.Node, key string) (*regexp.Regexp, error) {
	text, err := r.text(node, key)
	if err != nil {
		return nil, err
	}
	expression, err := anchoredRegexp(text)
	if err != nil {
		return nil, r.errorf(node, "%s: %w", key, err)
	}
	return expression, nil
}
