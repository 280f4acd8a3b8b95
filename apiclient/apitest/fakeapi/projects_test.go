package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Fifty projects, each with a slug, a key and runs of its own.
func TestRun_ManyProjects(t *testing.T) {
	dir := t.TempDir()
	keys, file := filepath.Join(dir, "keys"), filepath.Join(dir, "empirical.yml")
	url, printed := serve(t, "--projects=50", "--runs-per-day=20", "--key-dir="+keys, "--config-file="+file)
	if n := strings.Count(printed, "project "); n != 50 {
		t.Errorf("%d projects are named, want 50", n)
	}
	entries, err := os.ReadDir(keys)
	if err != nil || len(entries) != 50 {
		t.Fatalf("%d key files, %v; want 50", len(entries), err)
	}
	newestIDs := map[string]bool{}
	for _, entry := range entries {
		key, err := os.ReadFile(filepath.Join(keys, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		slug, items, _ := newest(t, url, strings.TrimSpace(string(key)))
		if slug+".key" != entry.Name() || len(items) == 0 {
			t.Errorf("%s opens the project %q, which has %d runs", entry.Name(), slug, len(items))
			continue
		}
		newestIDs[fmt.Sprint(items[0]["created_at"])] = true
	}
	if len(newestIDs) < 40 {
		t.Errorf("only %d of 50 projects have a newest run of their own", len(newestIDs))
	}
	checkConfigFile(t, file, keys)
}

// checkConfigFile checks the configuration file of fifty projects.
func checkConfigFile(t *testing.T, file, keys string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Projects []struct {
			Name    string
			KeyFile string `yaml:"key_file"`
			Team    string
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil || len(config.Projects) != 50 {
		t.Fatalf("%d projects in the file, %v; want 50", len(config.Projects), err)
	}
	teams := map[string]int{}
	for _, p := range config.Projects {
		teams[p.Team]++
		if want := filepath.Join(keys, p.Name+".key"); p.KeyFile != want {
			t.Errorf("%s has the key file %s, want %s", p.Name, p.KeyFile, want)
		}
	}
	if len(teams) < 4 || teams[""] == 0 || teams["payments"] == 0 {
		t.Errorf("projects by team: %v", teams)
	}
}

// More projects than there are names still differ.
func TestConfig_AddProjects(t *testing.T) {
	c, err := parse([]string{"--project=search-web", "--projects=120"})
	if err != nil {
		t.Fatal(err)
	}
	slugs, keys := map[string]bool{}, map[string]bool{}
	for i := range c.projects {
		slugs[c.projects[i]], keys[c.keys[i]] = true, true
	}
	if len(c.projects) != 120 || len(slugs) != 120 || len(keys) != 120 || c.projects[0] != "search-web" {
		t.Errorf("%d projects, %d slugs, %d keys, the first %s", len(c.projects), len(slugs), len(keys), c.projects[0])
	}
}
