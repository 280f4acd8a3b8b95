package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// settings are what a project of the configuration file has of its own.
type settings struct {
	collector.Settings
	projectID int64 // 0 is none
}

var (
	settingKeys  = []string{"project_id", "team", "branches", "keep_branches", "max_groups"}
	projectKeys  = append([]string{"name", "key_file", "key_dir"}, settingKeys...)
	documentKeys = []string{"projects", "defaults"}
)

// parseFile reads the text of a configuration file. Paths in it are relative to
// its directory. An error names the line, and says what to write.
func parseFile(path string, text []byte) ([]*source, error) {
	root, err := parseYAML(path, text)
	if err != nil {
		return nil, err
	}
	r := yamlReader{path}
	document, err := r.mapping(root, "the file", documentKeys)
	if err != nil {
		return nil, err
	}
	var defaults settings
	if node := document["defaults"]; node != nil {
		values, err := r.mapping(node, "defaults", settingKeys)
		if err != nil {
			return nil, err
		}
		if err := r.settings(values, &defaults); err != nil {
			return nil, err
		}
	}
	return r.projects(root, document["projects"], defaults)
}

// projects reads the list of projects, at least one.
func (r yamlReader) projects(root, list *yaml.Node, defaults settings) ([]*source, error) {
	if list == nil || list.ShortTag() == "!!null" || (list.Kind == yaml.SequenceNode && len(list.Content) == 0) {
		return nil, r.errorf(root, "no projects; write a list under projects:, each with a key_file or a key_dir")
	}
	if list.Kind != yaml.SequenceNode {
		return nil, r.errorf(list, "projects must be a list; write - before each project")
	}
	var all []*source
	for _, node := range list.Content {
		s, err := r.project(node, defaults)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (r yamlReader) project(node *yaml.Node, defaults settings) (*source, error) {
	values, err := r.mapping(node, "a project", projectKeys)
	if err != nil {
		return nil, err
	}
	s := &source{at: r.at(node), advice: "give each project a name of its own, with name"}
	if err := r.settings(values, &defaults); err != nil {
		return nil, err
	}
	s.settings = defaults
	file, dir, name := values["key_file"], values["key_dir"], values["name"]
	switch {
	case file == nil && dir == nil:
		return nil, r.errorf(node, "no key; write key_file or key_dir")
	case file != nil && dir != nil:
		return nil, r.errorf(dir, "both key_file and key_dir; write one of them, and the other as a project of its own")
	case dir != nil && name != nil:
		return nil, r.errorf(name, "a name beside key_dir; leave it out, for the files in the directory name the projects")
	case dir != nil:
		return s, r.keyDir(dir, s)
	default:
		return s, r.keyFile(file, name, s)
	}
}

func (r yamlReader) keyDir(node *yaml.Node, s *source) error {
	path, err := r.path(node, "key_dir", "a directory")
	s.at, s.dir = r.at(node), path
	return err
}

// keyFile reads the file once, so that a missing one is an error of this line.
func (r yamlReader) keyFile(node, name *yaml.Node, s *source) (err error) {
	if s.file, err = r.path(node, "key_file", "a file"); err != nil {
		return err
	}
	s.key = apiclient.KeyFile(s.file)
	if _, err := s.key.Read(); err != nil {
		return r.errorf(node, "%w", err)
	}
	s.name = stem(s.file)
	if name != nil {
		if s.name, err = r.text(name, "name"); err != nil {
			return err
		}
		node = name
	}
	s.at = r.at(node)
	if err := checkName(s.name); err != nil {
		return r.errorf(node, "%w; write another as name", err)
	}
	return nil
}

// path reads the path of something that is there.
func (r yamlReader) path(node *yaml.Node, key, what string) (string, error) {
	text, err := r.text(node, key)
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", r.errorf(node, "%s is empty; write the path of %s", key, what)
	}
	path := text
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file), path)
	}
	if couldBeKey(text, path) {
		return "", r.errorf(node, "%s %q: there is no such file; write the path of %s", key, beginning(text), what)
	}
	return path, nil
}

// settings reads what may stand both in a project and under defaults.
func (r yamlReader) settings(values map[string]*yaml.Node, to *settings) (err error) {
	if node := values["team"]; node != nil {
		if to.Team, err = r.text(node, "team"); err != nil {
			return err
		}
		if to.Team != history.LabelValue(to.Team) {
			return r.errorf(node, "team is no label value; write 255 bytes of UTF-8 at most")
		}
	}
	if node := values["branches"]; node != nil {
		if to.Branches, err = r.expression(node, "branches"); err != nil {
			return err
		}
	}
	if node := values["keep_branches"]; node != nil {
		if to.KeepBranches, err = r.expression(node, "keep_branches"); err != nil {
			return err
		}
	}
	if node := values["max_groups"]; node != nil {
		var n int64
		if n, err = r.number(node, "max_groups"); err != nil {
			return err
		}
		to.MaxGroups = int(n)
	}
	if node := values["project_id"]; node != nil {
		to.projectID, err = r.number(node, "project_id")
	}
	return err
}

// stem is the name of a file without its extension.
func stem(path string) string {
	name := filepath.Base(path)
	if stem := strings.TrimSuffix(name, filepath.Ext(name)); stem != "" {
		return stem
	}
	return name
}

// checkName refuses a name that would be changed where it becomes a label value.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case name != history.LabelValue(name):
		return fmt.Errorf("the name %q is no label value, which is 255 bytes of UTF-8 at most", history.LabelValue(name))
	default:
		return nil
	}
}
