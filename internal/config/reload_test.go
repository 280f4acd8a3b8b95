package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// reloadable is a configuration file with two projects.
func reloadable(t *testing.T) (f *follower, file string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"checkout", "search", "moved"} {
		overwrite(t, filepath.Join(dir, name+".key"), "s3cret-of-"+name)
	}
	file = filepath.Join(dir, "empirical.yml")
	overwrite(t, file, "projects:\n- key_file: checkout.key\n- key_file: search.key\n")
	f = follow(t, "--config.file="+file)
	if f.reload == nil || !f.reload.OK || f.reload.Succeeded.IsZero() {
		t.Errorf("at the start: %+v, want a good reload", f.reload)
	}
	f.wantKeys("at the start", "checkout", "search")
	f.wantLog("at the start", 0)
	if f.sets != 0 {
		t.Error("the exporter got its keys again, though nothing happened")
	}
	return f, file
}

func TestReload_ChangedFile(t *testing.T) {
	f, file := reloadable(t)
	before, succeeded := f.client("search"), f.reload.Succeeded
	overwrite(t, file, "projects:\n- key_file: search.key\n  team: web\n")
	f.wantKeys("a project went", "search")
	f.wantLog("a project went", 1, "level=info", file, "keys=1")
	if f.keys[0].Settings.Team != "web" || f.client("search") != before || !f.reload.OK || !f.reload.Succeeded.After(succeeded) {
		t.Errorf("team %q, another client: %v, %+v", f.keys[0].Settings.Team, f.client("search") != before, f.reload)
	}
	f.wantKeys("nothing happened", "search")
	f.wantLog("nothing happened", 0)

	overwrite(t, file, "projects:\n- key_file: moved.key\n  name: search\n")
	f.wantKeys("another file has the key", "search")
	moved := f.client("search")
	if moved == before {
		t.Error("the client still reads the file of before")
	}
	overwrite(t, file, "projects:\n- key_file: moved.key\n  name: search\n  project_id: 5\n")
	f.wantKeys("the project has an id", "search")
	if f.client("search") == moved {
		t.Error("the client sends no id")
	}
}

// A bad file changes nothing and is logged once. It is looked at again, as what is
// wrong with it may stand elsewhere.
func TestReload_BadFile(t *testing.T) {
	f, file := reloadable(t)
	before, succeeded := f.client("search"), f.reload.Succeeded
	late := filepath.Join(filepath.Dir(file), "late.key")
	overwrite(t, file, "projects:\n- key_file: search.key\n- key_file: late.key\n")
	for range 3 {
		f.wantKeys("a key file is not there", "checkout", "search")
	}
	f.wantLog("a key file is not there", 1, "level=error", file+":3", late)
	if f.reload.OK || !f.reload.Succeeded.Equal(succeeded) || f.client("search") != before {
		t.Errorf("%+v, want a bad reload after %s", f.reload, succeeded)
	}
	overwrite(t, file, "projects:\n- key_file: checkout.key\n- key_file: search.key\n")
	f.wantKeys("the file is as it was", "checkout", "search")
	f.wantLog("the file is as it was", 1, "level=info")
	if !f.reload.OK {
		t.Errorf("%+v, want a good reload", f.reload)
	}
	overwrite(t, file, "projects:\n- key_file: search.key\n- {}\n")
	f.wantKeys("there is something else wrong", "checkout", "search")
	f.wantLog("there is something else wrong", 1, "no key; write key_file")
	overwrite(t, file, "projects:\n- key_file: search.key\n- key_file: late.key\n")
	f.Check()
	f.log.Reset()
	overwrite(t, late, "s3cret-of-late")
	f.wantKeys("the key file is there", "search", "late")
	f.wantLog("the key file is there", 1, "level=info")
	if !f.reload.OK || !f.reload.Succeeded.After(succeeded) {
		t.Errorf("%+v, want a good reload", f.reload)
	}
	remove(t, file)
	for range 3 {
		f.wantKeys("the file is away", "search", "late")
	}
	f.wantLog("the file is away", 1, "level=error", "no such file")
}

// Who asks for a reload gets an answer, each time.
func TestReload_Asked(t *testing.T) {
	f, file := reloadable(t)
	for range 2 {
		if err := f.Reload(); err != nil || !f.reload.OK {
			t.Errorf("%v, %+v", err, f.reload)
		}
		f.wantLog("a reload of the same file", 1, "level=info")
	}
	overwrite(t, file, "projects: []\n")
	for range 2 {
		err := f.Reload()
		wantError(t, err, file+":1", "no projects")
		f.wantLog("a reload of a bad file", 1, "level=error")
	}
	f.wantKeys("a bad file", "checkout", "search")
	f.wantLog("a bad file", 0)
}

// A name that is there twice is an error of the file when it is read, and keeps
// nothing else from going on.
func TestReload_DirectoryOfTheFile(t *testing.T) {
	f, file := reloadable(t)
	dir := filepath.Join(filepath.Dir(file), "more")
	overwrite(t, filepath.Join(dir, "web.key"), "s3cret-of-web")
	overwrite(t, file, "projects:\n- key_file: checkout.key\n- key_dir: more\n  team: web\n")
	f.wantKeys("with a directory", "checkout", "web")
	if f.keys[0].Settings.Team != "" || f.keys[1].Settings.Team != "web" {
		t.Errorf("teams %q and %q", f.keys[0].Settings.Team, f.keys[1].Settings.Team)
	}
	f.log.Reset()
	overwrite(t, filepath.Join(dir, "checkout.key"), "s3cret-of-another")
	overwrite(t, filepath.Join(dir, "app.key"), "s3cret-of-app")
	for range 2 {
		f.wantKeys("a second file of one name", "checkout", "app", "web")
	}
	f.wantLog("a second file of one name", 1, `the name \"checkout\"`, file+":2")
	if !f.reload.OK {
		t.Error("the file is said to be bad, which has not changed")
	}
	wantError(t, f.Reload(), `the name "checkout"`)
	if log := f.log.String(); strings.Contains(log, "s3cret") {
		t.Errorf("a key is logged: %s", log)
	}
}

// Without a configuration file there is nothing to reload.
func TestReload_WithoutAFile(t *testing.T) {
	f := follow(t, "--api.key-dir="+t.TempDir())
	f.log.Reset()
	if err := f.Reload(); err != nil || f.reload != nil || f.sets != 0 {
		t.Errorf("%v, %+v, %d", err, f.reload, f.sets)
	}
	f.wantLog("without a file", 0)
}
