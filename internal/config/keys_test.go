package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFile writes a file into a directory of its own.
func writeFile(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfig_Keys(t *testing.T) {
	first, second := writeFile(t, "first-key"), writeFile(t, "second-key")
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"environment": {nil, []string{"default"}},
		"key files":   {[]string{"--api.key-file=" + first, "--api.key-file=second=" + second}, []string{"file", "second"}},
		"directories": {[]string{"--api.key-dir=testdata/more", "--api.key-file=" + first, "--api.key-dir=" + t.TempDir()}, []string{"file", "checkout", "web"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse(test.args...)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := c.Keys("from-environment")
			if err != nil || len(keys) != len(test.want) {
				t.Fatalf("%d keys, %v; want %q", len(keys), err, test.want)
			}
			for i, key := range keys {
				if key.Name != test.want[i] || key.Client == nil {
					t.Errorf("key %d: %q, client %v; want %q", i, key.Name, key.Client, test.want[i])
				}
			}
		})
	}
}

func TestConfig_KeysRefused(t *testing.T) {
	good, empty := writeFile(t, "secret-key\n"), writeFile(t, " \n")
	missing := filepath.Join(t.TempDir(), "missing.key")
	for name, test := range map[string]struct {
		environment string
		args        []string
		want        []string // all in the error
	}{
		"no key":                {"", nil, []string{"no API key", "--api.key-file", "$EMPIRICALRUN_KEY"}},
		"empty key":             {" ", nil, []string{"$EMPIRICALRUN_KEY", "empty", "put the key"}},
		"key with white space":  {"secret key", nil, []string{"$EMPIRICALRUN_KEY", "put the key alone there"}},
		"missing key file":      {"key", []string{"--api.key-file=" + missing}, []string{missing, "no such file", "name a file"}},
		"directory as key file": {"key", []string{"--api.key-file=" + t.TempDir()}, []string{"directory", "name a file"}},
		"empty key file":        {"key", []string{"--api.key-file=" + empty}, []string{empty, "empty"}},
		"key name twice":        {"key", []string{"--api.key-file=" + good, "--api.key-file=file=" + good}, []string{`"file"`, "NAME=PATH"}},
		"key file without path": {"key", []string{"--api.key-file=a="}, []string{"--api.key-file", "no path"}},
		"URL without scheme":    {"key", []string{"--api.url=api.empirical.run"}, []string{"--api.url", "https://api.empirical.run"}},
		"URL of another scheme": {"key", []string{"--api.url=ftp://api.empirical.run"}, []string{"--api.url", "https://api.empirical.run"}},
		"URL with query":        {"key", []string{"--api.url=https://api.empirical.run?a=b"}, []string{"--api.url", "https://api.empirical.run"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse(test.args...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Keys(test.environment)
			wantError(t, err, test.want...)
		})
	}
}

// Who takes the flag for the key itself does not find it in the log.
func TestConfig_KeysAreNotShown(t *testing.T) {
	const key = "emp_live_0123456789"
	for _, args := range [][]string{
		{"--api.key-file=" + key},
		{"--api.key-file=shop=" + key},
		{"--api.key-file=" + key, "--api.key-file=" + key},
		{"--api.key-file=" + key + "="},
		{"--api.key-file=" + key + "=="},
		{"--api.key-file==" + key},
		{"--api.key-file=" + key + "\xff"},
		{"--api.key-file=" + strings.Repeat(key, 20)},
		{"--api.key-dir=" + key},
	} {
		c, err := parse(args...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Keys("")
		wantError(t, err, "…")
		if strings.Contains(err.Error(), "live") {
			t.Errorf("%q: the key is shown: %v", args, err)
		}
	}
}

func TestSplitKeyFile(t *testing.T) {
	for _, test := range []struct{ text, name, path string }{
		{"/run/secrets/checkout.key", "checkout", "/run/secrets/checkout.key"},
		{"/run/secrets/checkout", "checkout", "/run/secrets/checkout"},
		{"checkout.prod.key", "checkout.prod", "checkout.prod.key"},
		{"/keys/.checkout", ".checkout", "/keys/.checkout"},
		{"shop=/run/secrets/checkout.key", "shop", "/run/secrets/checkout.key"},
		{"shop=a=b.key", "shop", "a=b.key"},
		{"./a=b.key", "a=b", "./a=b.key"},
		{"/keys/a=b/c.key", "c", "/keys/a=b/c.key"},
	} {
		name, path, err := splitKeyFile(test.text)
		if err != nil || name != test.name || path != test.path {
			t.Errorf("%q: name %q, path %q, %v; want name %q, path %q", test.text, name, path, err, test.name, test.path)
		}
	}
	for _, text := range []string{"", "shop=", "=/keys/a.key", "a\xff=/keys/a.key", "/keys/a\xff.key"} {
		if name, path, err := splitKeyFile(text); err == nil {
			t.Errorf("%q is taken for name %q, path %q", text, name, path)
		}
	}
}
