package apiclient

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Key is where an API key is read from, at every request, so that a key
// rotates without a restart.
type Key interface {
	// Read returns the key. Its error is a *KeyError.
	Read() (string, error)
}

// KeyError says that there is no usable key, and where.
type KeyError struct {
	Origin string
	Err    error
}

// Error implements error.
func (e *KeyError) Error() string { return fmt.Sprintf("API key from %s: %v", e.Origin, e.Err) }

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

// KeyText is a key that does not change. Origin names where it came from, for
// error messages.
func KeyText(text, origin string) Key { return keyText{text, origin} }

type keyText struct{ text, origin string }

func (k keyText) Read() (string, error) { return checkKey(k.text, k.origin) }

// KeyFile is a key in a file of its own; white space around it does not count.
func KeyFile(path string) Key { return keyFile(path) }

type keyFile string

// maxKey bounds what is read of a key file: a bearer token is far shorter.
const maxKey = 16 << 10

func (k keyFile) Read() (string, error) {
	origin := "file " + string(k)
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

// unreadable takes the path off, which the error's origin names already.
func unreadable(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%w; name a file that the exporter may read", err)
}

// checkKey refuses what cannot stand in a header. Its errors never show the key.
func checkKey(text, origin string) (string, error) {
	key := strings.TrimSpace(text)
	if key == "" {
		return "", &KeyError{origin, errors.New("empty; put the key of an Empirical project there")}
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &KeyError{origin, errors.New("white space or other characters within the key that no key has; put the key alone there")}
	}
	return key, nil
}
