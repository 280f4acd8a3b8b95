package apiclient

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeyFile_ReadEachTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	key := KeyFile(path)
	for _, text := range []string{"first", " second\n", "third"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := key.Read(); err != nil || got != strings.TrimSpace(text) {
			t.Errorf("read %q, %v after %q was written", got, err, text)
		}
	}
}

func TestKey_Errors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		key  Key
		want string
	}{
		"no file":   {KeyFile(filepath.Join(dir, "none")), "no such file"},
		"directory": {KeyFile(dir), "is a directory"},
		"empty":     {KeyFile(write("empty", " \n")), "empty"},
		"two keys":  {KeyFile(write("two", "secret1\nsecret2")), "white space"},
		"control":   {KeyFile(write("control", "secret\x00")), "characters"},
		"long":      {KeyFile(write("long", strings.Repeat("secret", maxKey))), "longer than"},
		"variable":  {KeyText("", "$EMPIRICALRUN_KEY"), "$EMPIRICALRUN_KEY: empty"},
	} {
		_, err := c.key.Read()
		if !isA[*KeyError](err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want a KeyError with %q and without the key", name, err, c.want)
		}
	}
}
