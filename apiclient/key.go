package apiclient

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Key is a place to read an API key from. It is read before every request, so
// that a key can be replaced without a restart.
type Key interface {
	// Read returns the key. Its error is a *KeyError.
	Read() (string, error)
}

// KeyError says that there is no usable key. It never shows the key.
type KeyError struct {
	Origin string // where the key was read from
	Err    error
}

// Error implements error.
func (e *KeyError) Error() string { return fmt.Sprintf("API key from %s: %v", e.Origin, e.Err) }

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

// KeyText is a key that does not change. origin says where it came from, for
// errors.
func KeyText(text, origin string) Key { return keyText{text, origin} }

type keyText struct{ text, origin string }

func (k keyText) Read() (string, error) { return checkKey(k.text, k.origin) }

// KeyFile is a key in a file that holds nothing else but white space around it.
func KeyFile(path string) Key { return keyFile(path) }

type keyFile string

// maxKey bounds what is read of a key file, in bytes. A bearer token is far shorter.
const maxKey = 16 << 10

func (k keyFile) Read() (string, error) {
	origin := "file " + shownPath(string(k))
	f, err := os.Open(string(k))
	if err != nil {
		return "", &KeyError{origin, unreadable(err)}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return "", &KeyError{origin, unreadable(err)}
	}
	if len(text) > maxKey {
		return "", &KeyError{origin, fmt.Errorf("longer than %d bytes; name a file that holds the key alone", maxKey)}
	}
	return checkKey(string(text), origin)
}

// shownPath is how a message shows the path of a key file. Somebody may have
// written the key itself there: what names no file and does not look like a path,
// with a separator or an extension, is shown by its first four characters.
func shownPath(path string) string {
	if _, err := os.Stat(path); err == nil || LooksLikePath(path) {
		return path
	}
	return string([]rune(path)[:min(4, utf8.RuneCountInString(path))]) + "…"
}

// LooksLikePath reports whether a text has a separator or an extension. What
// follows a dot and is longer than any extension is a part of a key.
func LooksLikePath(text string) bool {
	const longest = 8
	extension := filepath.Ext(text)
	return strings.ContainsAny(text, "/"+string(filepath.Separator)) || (len(extension) > len(".") && len(extension) <= len(".")+longest)
}

// unreadable removes the path from an error, as the origin names it already.
func unreadable(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("%w; name a file that the exporter may read", err)
}

// checkKey refuses a key that cannot stand in a header. Its errors never show the key.
func checkKey(text, origin string) (string, error) {
	key := strings.TrimSpace(text)
	if key == "" {
		return "", &KeyError{origin, errors.New("empty; put the key of an Empirical project there")}
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &KeyError{origin, errors.New("white space or other characters that no key has; put the key alone there")}
	}
	return key, nil
}
