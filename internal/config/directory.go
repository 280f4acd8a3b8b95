package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyFiles returns the names of the key files in a directory, in order. Names that
// begin with a dot are no keys: Kubernetes keeps the data of a Secret under such
// names. Nor are directories and whatever else is no file. A file that cannot be
// read is one: its key fails, and no other.
func keyFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err
		}
		return nil, fmt.Errorf("%w; name a directory that the exporter may read", err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		// A link is followed. One that leads nowhere is a file that has just gone.
		switch info, err := os.Stat(filepath.Join(dir, entry.Name())); {
		case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
			continue
		}
		names = append(names, entry.Name())
	}
	return names, nil
}
