package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// project is what the tests compare of a key.
type project struct {
	Name, Team             string
	Branches, KeepBranches string
	MaxGroups              int
	ID                     int64
}

// withFile finds the projects of a configuration file.
func withFile(path string, args ...string) (*Projects, error) {
	c, err := parse(append(args, "--config.file="+path)...)
	if err != nil {
		return nil, err
	}
	return c.Projects("key-of-the-environment")
}

func (p *Projects) summary() []project {
	text := func(expression *regexp.Regexp) string {
		if expression == nil {
			return ""
		}
		return unanchored(expression)
	}
	var all []project
	for _, key := range p.Keys() {
		s := key.Settings
		all = append(all, project{key.Name, s.Team, text(s.Branches), text(s.KeepBranches), s.MaxGroups, p.clients[key.Name].projectID})
	}
	return all
}

func TestFile_Good(t *testing.T) {
	for file, want := range map[string][]project{
		"full.good.yml": {
			{"shop", "payments", "main|develop", "main", 100, 17},
			{"search", "platform", "main|release/.*", "", 0, 0},
			{"checkout", "", "main|release/.*", "", 5, 0},
			{"web", "", "main|release/.*", "", 5, 0},
		},
		"anchors.good.yml": {
			{"checkout", "payments", "", "", 7, 0},
			{"search", "payments", "", "", 7, 0},
		},
	} {
		projects, err := withFile(filepath.Join("testdata", file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if diff := cmp.Diff(want, projects.summary()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestFile_Bad(t *testing.T) {
	want := map[string]string{ // by the file's name: the line, and what is said of it
		"empty":             "1: the file is empty; write a list of projects under projects:",
		"comment":           "1: the file is empty; write a list of projects under projects:",
		"tab":               "2: not YAML (found character that cannot start any token); check the indentation and the quotes",
		"two-documents":     "3: a second document; write all projects into the first",
		"list":              "1: the file must have keys and values; write projects: and a value",
		"no-projects":       "1: no projects; write a list under projects:, each with a key_file or a key_dir",
		"empty-projects":    "1: no projects; write a list under projects:, each with a key_file or a key_dir",
		"null-projects":     "1: no projects; write a list under projects:, each with a key_file or a key_dir",
		"projects-mapping":  "2: projects must be a list; write - before each project",
		"project-text":      "2: a project must have keys and values; write name: and a value",
		"unknown-section":   `1: unknown key "project" in the file; write one of projects, defaults`,
		"unknown-key":       `3: unknown key "brnches" in a project; write one of name, key_file, key_dir, project_id, team, branches, keep_branches, max_groups`,
		"unknown-secret":    "3: unknown key in a project; write one of name, key_file, key_dir, project_id, team, branches, keep_branches, max_groups",
		"unknown-default":   `2: unknown key "name" in defaults; write one of project_id, team, branches, keep_branches, max_groups`,
		"key-twice":         "4: team stands twice in a project, first in line 3; write it once",
		"no-key":            "3: no key; write key_file or key_dir",
		"both-keys":         "3: both key_file and key_dir; write one of them, and the other as a project of its own",
		"named-directory":   "3: a name beside key_dir; leave it out, for the files in the directory name the projects",
		"name-twice":        `4: the name "checkout" is that of testdata/name-twice.bad.yml:2 already; give each project a name of its own, with name`,
		"name-in-directory": `3: file "testdata/more/checkout.key": the name "checkout" is that of testdata/name-in-directory.bad.yml:2 already; give each project a name of its own, with name`,
		"empty-name":        "2: the name is empty; write another as name",
		"number-name":       "2: name must be a text; put it in quotes",
		"missing-key-file":  "4: API key from file testdata/keys/missing.key: no such file or directory; name a file that the exporter may read",
		"secret-key-file":   `2: key_file "s3cr…": there is no such file; write the path of a file`,
		"secret-token":      `2: key_file "s3cr…": there is no such file; write the path of a file`,
		"secret-key-dir":    `2: key_dir "s3cr…": there is no such file; write the path of a directory`,
		"empty-key":         "2: API key from file testdata/empty.key: empty; put the key of an Empirical project there",
		"no-path":           "2: key_file is empty; write the path of a file",
		"null-path":         "2: key_file must be a text; put it in quotes",
		"missing-key-dir":   `2: directory "testdata/nowhere/keys": no such file or directory; name a directory that the exporter may read`,
		"expression":        "3: branches: not a regular expression in RE2 syntax (error parsing regexp: missing closing ): `(main`); write one such as main|release/.*",
		"kept-expression":   "2: keep_branches: not a regular expression in RE2 syntax (error parsing regexp: unexpected ): `a)|(b`); write one such as main|release/.*",
		"no-groups":         "3: max_groups must be a whole number, 1 or more, without quotes",
		"quoted-groups":     "3: max_groups must be a whole number, 1 or more, without quotes",
		"project-id":        "3: project_id must be a whole number, 1 or more, without quotes",
		"list-team":         "3: team must be a text; put it in quotes",
	}
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d files, %v; want %d", len(files), err, len(want))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".bad.yml")
		_, err := withFile(file)
		if err == nil || err.Error() != file+":"+want[name] {
			t.Errorf("%s:\ngot  %v\nwant %s:%s", file, err, file, want[name])
		}
	}
}

func TestFile_Refused(t *testing.T) {
	good, key := filepath.Join("testdata", "full.good.yml"), filepath.Join("testdata", "keys", "checkout.key")
	for name, test := range map[string]struct {
		file string
		args []string
		want []string
	}{
		"no file":              {"nowhere/empirical.yml", nil, []string{`--config.file "nowhere/empirical.yml"`, "no such file", "name a file"}},
		"a directory":          {"testdata", nil, []string{"--config.file", "is a directory"}},
		"beside key files":     {good, []string{"--api.key-file=" + key}, []string{"--config.file", "--api.key-file", "key_file"}},
		"beside a directory":   {good, []string{"--api.key-dir=testdata/more"}, []string{"--config.file", "--api.key-dir", "key_dir"}},
		"longer than may be":   {writeFile(t, strings.Repeat("# nothing\n", maxConfigFile/10+1)), nil, []string{"--config.file", "longer than 4 MiB"}},
		"URL without a scheme": {good, []string{"--api.url=api.empirical.run"}, []string{"--api.url", "https://api.empirical.run"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := withFile(test.file, test.args...)
			wantError(t, err, test.want...)
		})
	}
}

// The documented example is one that the exporter takes.
func TestFile_DocumentedExample(t *testing.T) {
	text, err := os.ReadFile("../../deploy/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("no example in deploy/CONFIG.md")
	}
	dir := t.TempDir()
	for _, key := range []string{"checkout.key", "empirical/search.key", "empirical/web.key"} {
		overwrite(t, filepath.Join(dir, key), "a-key")
	}
	file := filepath.Join(dir, "empirical.yml")
	overwrite(t, file, strings.ReplaceAll(example, "/run/secrets/", dir+"/"))
	projects, err := withFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []project{
		{"checkout", "payments", "main|develop", "main", 100, 17},
		{"search", "web", "main|release/.*", "", 0, 0},
		{"web", "web", "main|release/.*", "", 0, 0},
	}
	if diff := cmp.Diff(want, projects.summary()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// overwrite writes a file, whose directory may not be there yet.
func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
