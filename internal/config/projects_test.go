package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// follower stands in for an exporter.
type follower struct {
	*testing.T
	*Projects

	keys   []collector.Key
	sets   int // calls of SetKeys
	reload *collector.Reload
	log    bytes.Buffer
}

func (f *follower) SetKeys(keys []collector.Key) { f.keys, f.sets = keys, f.sets+1 }

func (f *follower) SetReload(r collector.Reload) { f.reload = &r }

// follow lets a follower start with some flags.
func follow(t *testing.T, args ...string) *follower {
	t.Helper()
	c, err := parse(args...)
	if err != nil {
		t.Fatal(err)
	}
	projects, err := c.Projects("")
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{T: t, Projects: projects, keys: projects.Keys()}
	projects.Follow(f, log.NewLogfmtLogger(&f.log))
	return f
}

// wantKeys checks and wants these keys, in this order.
func (f *follower) wantKeys(when string, want ...string) {
	f.Helper()
	f.Check()
	var got []string
	for _, key := range f.keys {
		got = append(got, key.Name)
	}
	if !slices.Equal(got, want) {
		f.Errorf("%s: keys %q, want %q", when, got, want)
	}
}

// wantLog wants so many lines to have been logged, the only one with these words.
func (f *follower) wantLog(when string, lines int, words ...string) {
	f.Helper()
	got := f.log.String()
	f.log.Reset()
	if n := strings.Count(got, "\n"); n != lines {
		f.Errorf("%s: %d lines are logged, want %d:\n%s", when, n, lines, got)
	}
	for _, word := range words {
		if !strings.Contains(got, word) {
			f.Errorf("%s: no %q in the log: %s", when, word, got)
		}
	}
}

func (f *follower) client(name string) any {
	i := slices.IndexFunc(f.keys, func(k collector.Key) bool { return k.Name == name })
	return f.keys[i].Client
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, link string) {
	t.Helper()
	if err := os.Symlink(to, link); err != nil {
		t.Fatal(err)
	}
}

func TestProjects_FilesAppearAndGo(t *testing.T) {
	dir := t.TempDir()
	f := follow(t, "--api.key-dir="+dir)
	f.wantLog("an empty directory", 1, "level=warn", "no key file", dir)
	f.wantKeys("nothing there")
	overwrite(t, filepath.Join(dir, "web.key"), "key-of-web")
	overwrite(t, filepath.Join(dir, "checkout"), "key-of-checkout")
	overwrite(t, filepath.Join(dir, ".hidden.key"), "no-key")
	overwrite(t, filepath.Join(dir, "directory", "search.key"), "no-key")
	overwrite(t, filepath.Join(dir, "empty.key"), "") // which is about to be written
	f.wantKeys("files appeared", "checkout", "empty", "web")
	before, sets := f.client("web"), f.sets
	f.wantKeys("nothing happened", "checkout", "empty", "web")
	if f.sets != sets {
		t.Error("the exporter got its keys again, though nothing happened")
	}
	remove(t, filepath.Join(dir, "checkout"))
	f.wantKeys("a file went", "empty", "web")
	if f.client("web") != before {
		t.Error("a key that stayed got another client")
	}
	f.wantLog("all is well", 0)
}

// The kubelet writes a Secret into a new directory, and turns the link ..data to it
// at once. Then it adds the links of new entries and removes those of old ones.
func TestProjects_KubernetesSecret(t *testing.T) {
	dir := t.TempDir()
	at := func(path ...string) string { return filepath.Join(append([]string{dir}, path...)...) }
	write := func(version string, names ...string) {
		for _, name := range names {
			overwrite(t, at(version, name), "key-of-"+name)
		}
		symlink(t, version, at("..data_tmp"))
		rename(t, at("..data_tmp"), at("..data"))
	}
	link := func(name string) { symlink(t, filepath.Join("..data", name), at(name)) }
	write("..2026_11_28_10_00_00.1", "checkout.key", "search.key")
	link("checkout.key")
	link("search.key")
	f := follow(t, "--api.key-dir="+dir)
	f.wantKeys("at the start", "checkout", "search")
	before := f.client("checkout")

	write("..2026_11_28_11_00_00.2", "checkout.key", "web.key")
	f.wantKeys("the data has been replaced, the links have not", "checkout")
	link("web.key")
	remove(t, at("search.key"))
	remove(t, at("..2026_11_28_10_00_00.1"))
	f.wantKeys("the links have been replaced too", "checkout", "web")
	if f.client("checkout") != before {
		t.Error("a key that stayed got another client")
	}
	f.wantLog("all is well", 0)
}

func TestProjects_UnreadableDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	overwrite(t, filepath.Join(dir, "checkout.key"), "a-key")
	f := follow(t, "--api.key-dir="+dir)
	rename(t, dir, dir+".away")
	for range 3 {
		f.wantKeys("the directory is away", "checkout")
	}
	f.wantLog("the directory is away", 1, "level=error", dir, "no such file")
	rename(t, dir+".away", dir)
	overwrite(t, filepath.Join(dir, "web.key"), "a-key")
	f.wantKeys("the directory is back", "checkout", "web")
	f.wantLog("the directory is back", 0)
	remove(t, dir)
	f.wantKeys("it is away again", "checkout", "web")
	f.wantLog("it is away again", 1, "level=error")
}

// Of two files with one name the one that was there first stays, whatever the
// order of the directories.
func TestProjects_NameTwice(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	args := []string{"--api.key-dir=" + first, "--api.key-dir=" + second}
	overwrite(t, filepath.Join(second, "checkout.key"), "a-key")
	f := follow(t, args...)
	f.wantLog("an empty directory", 1)
	before := f.client("checkout")
	overwrite(t, filepath.Join(first, "checkout.txt"), "another-key")
	for range 3 {
		f.wantKeys("a second file appeared", "checkout")
	}
	f.wantLog("a second file appeared", 1, "level=error", `the name \"checkout\"`, filepath.Join(first, "checkout.txt"), filepath.Join(second, "checkout.key"))
	if f.client("checkout") != before {
		t.Error("the file that was there first does not stay")
	}
	c, err := parse(args...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Projects("")
	wantError(t, err, `the name "checkout"`, "already", "names of their own")

	remove(t, filepath.Join(second, "checkout.key"))
	f.wantKeys("the first file went", "checkout")
	if f.client("checkout") == before {
		t.Error("the second file is not read")
	}
	f.wantLog("the first file went", 0)
}

// A name that would be another one as a label value is refused.
func TestProjects_NameIsNoLabelValue(t *testing.T) {
	dir := t.TempDir()
	f := follow(t, "--api.key-dir="+dir)
	f.log.Reset()
	overwrite(t, filepath.Join(dir, "a\xff.key"), "a-key")
	overwrite(t, filepath.Join(dir, "web.key"), "a-key")
	for range 2 {
		f.wantKeys("a bad name", "web")
	}
	f.wantLog("a bad name", 1, "rename the file")
}

func TestProjects_NotThereAtTheStart(t *testing.T) {
	for arg, want := range map[string]string{
		"--api.key-dir=nowhere/keys":                       `directory "nowhere/keys": no such file or directory`,
		"--api.key-dir=s3cretkey":                          `--api.key-dir "s3cr…": there is no such directory`,
		"--api.key-file=s3cretkey":                         `--api.key-file "s3cr…": there is no such file`,
		"--api.key-file=shop=s3cretkey":                    `--api.key-file "shop…": there is no such file`,
		"--api.key-file=s3cretkey=":                        `--api.key-file "s3cr…": no path`,
		"--api.key-dir=testdata/keys/checkout.key":         "not a directory",
		"--api.key-dir=testdata/keys/../keys/checkout.key": "name a directory",
	} {
		c, err := parse(arg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Projects("")
		wantError(t, err, want)
		if strings.Contains(err.Error(), "s3cretkey") {
			t.Errorf("the key is shown: %v", err)
		}
	}
}
