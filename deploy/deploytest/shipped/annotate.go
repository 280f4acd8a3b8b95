package shipped

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/empirical-exporter/empirical_exporter/deploy/release/changelog"
)

const (
	chartFile  = chart + "/Chart.yaml"
	repository = "https://github.com/empirical-exporter/empirical_exporter"
)

// Change is an entry of the annotation artifacthub.io/changes.
type Change struct {
	Kind        string `json:"kind"`
	Description string `json:"description"`
	Links       []Link `json:"links,omitempty"`
}

// Link is a link of Artifact Hub's annotations.
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

var (
	changesBlock = regexp.MustCompile(`(?m)^  artifacthub\.io/changes: \|\n(?:    .*\n)+`)
	prerelease   = regexp.MustCompile(`(?m)^  artifacthub\.io/prerelease: ".*"$`)
	// changeKinds has Artifact Hub's name for each kind of entry in CHANGELOG.md.
	changeKinds = map[string]string{
		"SECURITY": "security", "CHANGE": "changed", "FEATURE": "added", "ENHANCEMENT": "changed", "BUGFIX": "fixed",
	}
)

// annotate returns Chart.yaml with the annotations that go with the version.
func annotate(root string, content []byte, version string) ([]byte, error) {
	if !changesBlock.Match(content) || !prerelease.Match(content) {
		return nil, fmt.Errorf("%s lacks the annotation artifacthub.io/changes or artifacthub.io/prerelease", chartFile)
	}
	changes, err := changesOf(root, version)
	if err != nil {
		return nil, err
	}
	list, err := yaml.Marshal(changes)
	if err != nil {
		return nil, err
	}
	block := bytes.NewBufferString("  artifacthub.io/changes: |\n")
	for line := range strings.Lines(string(list)) {
		block.WriteString("    " + line)
	}
	content = changesBlock.ReplaceAllLiteral(content, block.Bytes())
	flag := fmt.Sprintf("  artifacthub.io/prerelease: %q", strconv.FormatBool(strings.Contains(version, "-")))
	return prerelease.ReplaceAllLiteral(content, []byte(flag)), nil
}

// changesOf returns what a version changes for users of the chart: the exporter, and
// the entries of CHANGELOG.md that begin with "Chart: ".
func changesOf(root, version string) ([]Change, error) {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	sections, err := changelog.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("CHANGELOG.md: %w", err)
	}
	changes := []Change{{
		Kind: "changed", Description: "The exporter is version " + version,
		Links: []Link{{"What it changes", repository + "/blob/main/CHANGELOG.md"}},
	}}
	section, _ := changelog.Of(sections, version) // between two releases there may be none yet
	for _, entry := range section.Entries {
		if text, ofChart := strings.CutPrefix(entry.Text, "Chart: "); ofChart {
			changes = append(changes, Change{Kind: changeKinds[entry.Kind], Description: strings.ToUpper(text[:1]) + text[1:]})
		}
	}
	return changes, nil
}
