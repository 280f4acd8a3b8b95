package deploytest

import (
	"encoding/json"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// goUpdates are the entries for Go modules of .github/dependabot.yml.
type goUpdates struct {
	directories []string
	allowed     []string // by name; where it is empty, all direct dependencies are updated
}

func dependabot(t *testing.T) (entries []goUpdates) {
	t.Helper()
	var config struct {
		Updates []struct {
			Ecosystem   string `json:"package-ecosystem"`
			Directories []string
			Allow       []struct {
				Name string `json:"dependency-name"`
				Type string `json:"dependency-type"`
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, inRepository(".github", "dependabot.yml"))), &config); err != nil {
		t.Fatal(err)
	}
	for _, update := range config.Updates {
		if update.Ecosystem != "gomod" {
			continue
		}
		entry := goUpdates{directories: update.Directories}
		for _, allow := range update.Allow {
			if allow.Type == "all" {
				entry.allowed = append(entry.allowed, allow.Name)
			}
		}
		entries = append(entries, entry)
	}
	return entries
}

// TestDependabot_Modules checks that each module of the repository is updated.
func TestDependabot_Modules(t *testing.T) {
	var got, want []string
	for _, entry := range dependabot(t) {
		got = append(got, entry.directories...)
	}
	slices.Sort(got)
	root := inRepository()
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "go.mod" {
			below, err := filepath.Rel(root, filepath.Dir(file))
			want = append(want, path.Join("/", filepath.ToSlash(below)))
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Dependabot updates other modules than there are (-modules +dependabot.yml):\n%s", diff)
	}
}

// TestDependabot_Tools checks that the module of each tool is allowed by its
// name. Go marks these modules as indirect, and no indirect one is updated else.
func TestDependabot_Tools(t *testing.T) {
	var want, got []string
	for _, entry := range dependabot(t) {
		got = append(got, entry.allowed...)
		for _, directory := range entry.directories {
			want = append(want, toolModules(t, inRepository(directory))...)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("Dependabot updates other tools than there are (-tools +dependabot.yml):\n%s", diff)
	}
}

// toolModules returns the modules that the tools of a go.mod are in.
func toolModules(t *testing.T, directory string) (modules []string) {
	t.Helper()
	edit := exec.Command("go", "mod", "edit", "-json")
	edit.Dir = directory
	text, err := edit.Output()
	if err != nil {
		t.Fatal(err)
	}
	var module struct {
		Tool, Require []struct{ Path string }
	}
	if err := json.Unmarshal(text, &module); err != nil {
		t.Fatal(err)
	}
	for _, tool := range module.Tool {
		longest := ""
		for _, required := range module.Require {
			if (tool.Path == required.Path || strings.HasPrefix(tool.Path, required.Path+"/")) && len(required.Path) > len(longest) {
				longest = required.Path
			}
		}
		modules = append(modules, longest)
	}
	return modules
}
