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

func TestKeyFile_Shown(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("checkout", []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"emp_live_0123456789":       "emp_…",
		"emp":                       "emp…",
		"ключ-и-всё":                "ключ…",
		"head.payload.signature-of": "head…",
		"emp_live_0123456789.":      "emp_…",
		"checkout":                  "checkout",
		"missing.key":               "missing.key",
		"/run/secrets/missing":      "/run/secrets/missing",
		"./missing":                 "./missing",
	} {
		if got := shownPath(path); got != want {
			t.Errorf("%s is shown as %s, want %s", path, got, want)
		}
	}
	if _, err := KeyFile("emp_live_0123456789").Read(); err == nil || strings.Contains(err.Error(), "live") || !strings.Contains(err.Error(), "file emp_…: no such file") {
		t.Errorf("%v, want an error with the first four characters alone", err)
	}
}
