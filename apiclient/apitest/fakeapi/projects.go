package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// areas are what the made-up projects are about, each with the team that owns it.
// One has none, as there is always one.
var areas = []struct{ name, team string }{
	{"checkout", "payments"},
	{"search", "discovery"},
	{"account", "growth"},
	{"billing", "payments"},
	{"catalog", "discovery"},
	{"shipping", "logistics"},
	{"returns", "logistics"},
	{"loyalty", "growth"},
	{"support", "care"},
	{"labs", ""},
}

var apps = []string{"web", "ios", "android", "api", "partner"}

// addProjects adds made-up projects until there are as many as were asked for.
func (c *config) addProjects() {
	for round := 1; len(c.projects) < c.total; round++ {
		for _, app := range apps {
			for _, area := range areas {
				slug := area.name + "-" + app
				if round > 1 {
					slug = fmt.Sprintf("%s-%d", slug, round)
				}
				if len(c.projects) < c.total && !slices.Contains(c.projects, slug) {
					c.projects = append(c.projects, slug)
					c.keys = append(c.keys, "demo-key-of-"+slug)
				}
			}
		}
	}
}

// teamOf returns the team that owns a project; empty is none.
func teamOf(slug string) string {
	for _, area := range areas {
		if slug == area.name || strings.HasPrefix(slug, area.name+"-") {
			return area.team
		}
	}
	return ""
}

// writeKeys writes each project's key into a file of its own, SLUG.key.
func (c *config) writeKeys() error {
	if c.keyDir == "" {
		return nil
	}
	if err := os.MkdirAll(c.keyDir, 0o755); err != nil {
		return err
	}
	for i, slug := range c.projects {
		if err := os.WriteFile(c.keyFile(slug), []byte(c.keys[i]+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (c *config) keyFile(slug string) string { return filepath.Join(c.keyDir, slug+".key") }

// writeConfig writes a configuration file of the exporter with all projects.
func (c *config) writeConfig() error {
	if c.configFile == "" {
		return nil
	}
	var text strings.Builder
	text.WriteString("projects:\n")
	for _, slug := range c.projects {
		path, err := filepath.Abs(c.keyFile(slug))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "  - name: %q\n    key_file: %q\n", slug, path)
		if team := teamOf(slug); team != "" {
			fmt.Fprintf(&text, "    team: %s\n", team)
		}
	}
	return os.WriteFile(c.configFile, []byte(text.String()), 0o644)
}
